// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IDonationPoolFactory} from "../../../contracts/interfaces/IDonationPoolFactory.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "../PaymentChannels/Base.t.sol";
import {TypedData} from "../support/TypedData.sol";
import {NoReturnToken} from "../tokens/NoReturnToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";

/// @notice A round with a pot, a registry of three projects, donors with session keys, and what they sign.
abstract contract PoolBase is Base {
    uint256 internal constant DELAY = 2 days;
    uint256 internal constant PAYOUT_DELAY = 3 days;
    uint256 internal constant START = 1_800_086_400;
    uint256 internal constant END = START + 30 days;
    uint256 internal constant CHALLENGE_END = END + 2 * DELAY;
    uint256 internal constant SETTLE_BY = CHALLENGE_END + 7 days;
    uint128 internal constant CAP = 1_000e6;
    uint96 internal constant MIN_COUNTED = 10_000;
    uint96 internal constant MAX_COUNTED = 500e6;
    /// @dev Gate data for a gate that takes any.
    bytes internal constant ANY = hex"01";
    bytes32 internal constant REASON = keccak256("a published reason");
    /// @dev Hex digits of a donor's and its session's private keys: these and the donor's number.
    uint256 private constant DONOR_KEYS = 0xD0000000;
    uint256 private constant SESSION_KEYS = 0x5E000000;

    address internal creator = vm.addr(0xC4EA);
    address internal closer = vm.addr(0xC105E);
    address internal proposer = vm.addr(0x9409);
    address internal stewards;
    address internal openGate;
    address internal manager = vm.addr(0x3A4A);
    IProjectRegistry internal registry;
    PlainToken internal deposits;
    IDonationPoolFactory internal factory;
    IDonationPool internal pool;
    /// @dev Private key of each session that was opened.
    mapping(address signer => uint256) internal keyOf;
    uint256 private _salts;

    function setUp() public virtual override {
        super.setUp();
        openGate = deploy(vm.getCode("OpenGate.sol:OpenGate"));
        address[] memory proposers = new address[](1);
        proposers[0] = proposer;
        stewards = deploy(abi.encodePacked(vm.getCode("Timelock.sol:Timelock"), abi.encode(DELAY, proposers)));
        deployRegistry();
        register(3);
        factory = IDonationPoolFactory(
            deploy(abi.encodePacked(vm.getCode("DonationPoolFactory.sol:DonationPoolFactory"), abi.encode(channels)))
        );
        pool = created(matchingTerms(), range(1, 3));
        travelTo(START);
    }

    /// @dev Danger: as in `deployEscrow`, single files run against what was built last.
    function deploy(bytes memory code) internal returns (address account) {
        assembly ("memory-safe") {
            account := create(0, add(code, 0x20), mload(code))
        }
        assertTrue(account != address(0), "a contract was made");
    }

    /* ROUNDS */

    function matchingTerms() internal view returns (IDonationPool.Terms memory) {
        return
            IDonationPool.Terms({
                token: address(plain),
                registry: address(registry),
                gate: openGate,
                closer: closer,
                start: uint64(START),
                end: uint64(END),
                challengeEnd: uint64(CHALLENGE_END),
                settleBy: uint64(SETTLE_BY),
                matching: true,
                acceptsSybil: true,
                cap: CAP,
                minCounted: MIN_COUNTED,
                maxCounted: MAX_COUNTED
            });
    }

    /// @dev A round without a pot.
    function givingTerms() internal view returns (IDonationPool.Terms memory terms) {
        terms = matchingTerms();
        (terms.gate, terms.matching, terms.acceptsSybil) = (address(0), false, false);
        (terms.challengeEnd, terms.settleBy) = (0, 0);
        (terms.cap, terms.minCounted, terms.maxCounted) = (0, 0, 0);
    }

    function created(IDonationPool.Terms memory terms, uint256[] memory projectIds) internal returns (IDonationPool) {
        vm.prank(creator);
        return IDonationPool(factory.createRound(terms, projectIds, bytes32(++_salts)));
    }

    /// @dev Replaces `pool` by one of the same projects behind another gate.
    function behind(address gate) internal {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.gate = gate; // and sybils are accepted: most gates of these tests count everybody
        pool = created(terms, range(1, 3));
    }

    /// @dev Replaces `pool` by one of the same projects in another token.
    function paidIn(PlainToken token) internal {
        plain = token;
        funded(token);
        pool = created(matchingTerms(), range(1, 3));
    }

    function range(uint256 first, uint256 last) internal pure returns (uint256[] memory ids) {
        ids = new uint256[](last - first + 1);
        for (uint256 i; i < ids.length; ++i) {
            ids[i] = first + i;
        }
    }

    /* REGISTRY */

    function deployRegistry() private {
        deposits = new PlainToken();
        deposits.mint(manager, type(uint128).max);
        bytes memory arguments = abi.encode(deposits, uint128(1), 1 hours, 7 days, PAYOUT_DELAY, stewards);
        bytes memory code = vm.getCode("ProjectRegistry.sol:ProjectRegistry");
        registry = IProjectRegistry(deploy(abi.encodePacked(code, arguments)));
        vm.prank(manager);
        deposits.approve(address(registry), type(uint256).max);
    }

    /// @dev Projects up to this number exist, take gifts, and are paid at `payoutOf`. Lasts an hour, if there are new ones.
    function register(uint256 last) internal {
        uint256 first = registry.projectCount() + 1;
        for (uint256 id = first; id <= last; ++id) {
            vm.prank(manager);
            assertEq(registry.submit(payoutOf(id), bytes32(id)), id, "id of the project");
        }
        travelTo(clock + 1 hours);
        for (uint256 id = first; id <= last; ++id) {
            registry.accept(id);
        }
    }

    function suspend(uint256 projectId) internal {
        vm.prank(stewards);
        registry.suspend(projectId, REASON);
    }

    function reinstate(uint256 projectId) internal {
        vm.prank(stewards);
        registry.reinstate(projectId, REASON);
    }

    /// @dev Lasts as long as the registry delays it.
    function changePayout(uint256 projectId, address payout) internal {
        vm.prank(manager);
        registry.changePayout(projectId, payout);
        travelTo(clock + PAYOUT_DELAY);
    }

    /// @dev Where a project is paid unless a test changes it.
    function payoutOf(uint256 projectId) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("payout", projectId)))));
    }

    /* CHANNELS TO THE POOL */

    function donorOf(uint256 number) internal pure returns (address) {
        return vm.addr(DONOR_KEYS + number);
    }

    /// @dev A channel of a donor to the pool with a session key, holding `DEPOSIT`.
    function line(uint256 number) internal returns (IPaymentChannels.Channel memory channel) {
        uint256 key = SESSION_KEYS + number;
        address session = vm.addr(key);
        keyOf[session] = key;
        channel = IPaymentChannels.Channel(donorOf(number), address(pool), address(plain), bytes32(++_salts), session);
        funds(channel.payer, DEPOSIT, address(channels));
        openAs(channel, DEPOSIT);
    }

    /// @dev By the session key of a channel that `line` opened.
    function voucherOf(IPaymentChannels.Channel memory channel, uint128 amount) internal view returns (bytes memory) {
        return signed(keyOf[channel.authorizedSigner], voucherHash(channel, amount));
    }

    function allocationHash(
        IPaymentChannels.Channel memory channel,
        IDonationPool.Gift[] memory gifts,
        bytes memory gateData
    ) internal view returns (bytes32) {
        bytes32 gateDataHash = gateData.length == 0 ? bytes32(0) : keccak256(gateData);
        return TypedData.allocation(address(pool), chain, idOf(channel), sumOf(gifts), gateDataHash, gifts);
    }

    /// @dev Everything of a `collect`, signed by the channel's session key.
    function itemOf(
        IPaymentChannels.Channel memory channel,
        IDonationPool.Gift[] memory previous,
        IDonationPool.Gift[] memory gifts,
        bytes memory gateData
    ) internal view returns (IDonationPool.CollectItem memory) {
        uint256 key = keyOf[channel.authorizedSigner];
        bytes memory signature = signed(key, allocationHash(channel, gifts, gateData));
        return
            IDonationPool.CollectItem(channel, voucherOf(channel, sumOf(gifts)), previous, gifts, gateData, signature);
    }

    /// @dev By whoever comes along.
    function collect(IDonationPool.CollectItem memory item) internal {
        pool.collect(
            item.channel,
            item.voucherSignature,
            item.previousGifts,
            item.gifts,
            item.gateData,
            item.allocationSignature
        );
    }

    function collect(
        IPaymentChannels.Channel memory channel,
        IDonationPool.Gift[] memory previous,
        IDonationPool.Gift[] memory gifts
    ) internal {
        collect(itemOf(channel, previous, gifts, ANY));
    }

    /// @dev A new donor's channel whose only list is collected, counting for matching.
    function given(
        uint256 number,
        IDonationPool.Gift[] memory gifts
    ) internal returns (IPaymentChannels.Channel memory channel) {
        channel = line(number);
        collect(channel, none(), gifts);
    }

    /* LISTS */

    function none() internal pure returns (IDonationPool.Gift[] memory) {
        return new IDonationPool.Gift[](0);
    }

    function list(uint256 id, uint128 amount) internal pure returns (IDonationPool.Gift[] memory gifts) {
        gifts = new IDonationPool.Gift[](1);
        gifts[0] = IDonationPool.Gift(id, amount);
    }

    function list(
        uint256 id1,
        uint128 amount1,
        uint256 id2,
        uint128 amount2
    ) internal pure returns (IDonationPool.Gift[] memory gifts) {
        gifts = new IDonationPool.Gift[](2);
        gifts[0] = IDonationPool.Gift(id1, amount1);
        gifts[1] = IDonationPool.Gift(id2, amount2);
    }

    function list(
        uint256 id1,
        uint128 amount1,
        uint256 id2,
        uint128 amount2,
        uint256 id3,
        uint128 amount3
    ) internal pure returns (IDonationPool.Gift[] memory gifts) {
        gifts = new IDonationPool.Gift[](3);
        gifts[0] = IDonationPool.Gift(id1, amount1);
        gifts[1] = IDonationPool.Gift(id2, amount2);
        gifts[2] = IDonationPool.Gift(id3, amount3);
    }

    function sumOf(IDonationPool.Gift[] memory gifts) internal pure returns (uint128 sum) {
        for (uint256 i; i < gifts.length; ++i) {
            sum += gifts[i].cumulativeAmount;
        }
    }

    function hashOf(IDonationPool.Gift[] memory gifts) internal pure returns (bytes32) {
        bytes memory words;
        for (uint256 i; i < gifts.length; ++i) {
            words = abi.encodePacked(words, gifts[i].projectId, uint256(gifts[i].cumulativeAmount));
        }
        return gifts.length == 0 ? bytes32(0) : keccak256(words);
    }

    /* MONEY AND STATE */

    function sponsored(uint256 number, uint128 deposit) internal returns (address sponsor) {
        sponsor = vm.addr(0x59000000 + number);
        funds(sponsor, deposit);
        vm.prank(sponsor);
        pool.sponsor(deposit);
    }

    /// @dev Mints to an account, and lets the pool take it.
    function funds(address account, uint128 amount) internal {
        funds(account, amount, address(pool));
    }

    /// @dev Asks for no answer to the approval: some tokens give none.
    function funds(address account, uint128 amount, address spender) private {
        plain.mint(account, amount);
        vm.prank(account);
        NoReturnToken(address(plain)).approve(spender, amount);
    }

    /// @dev A donation without a channel, of a donor who has just that.
    function donated(
        uint256 number,
        IDonationPool.Gift[] memory gifts,
        bytes memory gateData,
        bytes32 salt
    ) internal returns (bytes32 donationId) {
        funds(donorOf(number), sumOf(gifts));
        vm.prank(donorOf(number));
        donationId = pool.donate(gifts, gateData, salt);
        assertEq(donationId, keccak256(abi.encode(donorOf(number), salt)), "id of the donation");
    }

    function disqualified(uint256 projectId) internal {
        travelTo(END);
        vm.prank(stewards);
        pool.disqualify(projectId, REASON);
    }

    function cancelled() internal {
        vm.prank(stewards);
        pool.cancel(REASON);
    }

    function assertLine(
        IPaymentChannels.Channel memory channel,
        IDonationPool.Gift[] memory gifts,
        string memory what
    ) internal view {
        assertEq(pool.giftsHash(idOf(channel)), hashOf(gifts), string.concat("list of the line: ", what));
    }

    function assertGifts(uint256 projectId, uint256 expected) internal view {
        assertEq(pool.getProject(projectId).gifts, expected, "gifts of the project");
    }

    /// @dev `S`, `R` and donors as the project's counted gifts make them, pair by pair.
    function assertCount(uint256 projectId, uint256[] memory counted) internal view {
        uint256 sum;
        uint256 donors;
        uint256 pairs;
        for (uint256 i; i < counted.length; ++i) {
            uint256 root = slowRoot(counted[i] << 64);
            pairs += root * sum;
            sum += root;
            if (root != 0) ++donors;
        }
        IDonationPool.ProjectState memory state = pool.getProject(projectId);
        assertEq(state.rootSum, sum, "S of the project");
        assertEq(state.subsidy, 2 * pairs, "R of the project");
        assertEq(state.donors, donors, "donors of the project");
    }

    /// @dev By bisection: slower than any formula, and plain.
    function slowRoot(uint256 x) internal pure returns (uint256 low) {
        uint256 high = 1 << 128;
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (middle * middle <= x) low = middle;
            else high = middle;
        }
    }

    function assertStatus(IDonationPool.Status expected) internal view {
        assertEq(uint256(pool.status()), uint256(expected), "status of the round");
    }
}

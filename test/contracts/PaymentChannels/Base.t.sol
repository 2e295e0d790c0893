// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Assertions} from "../support/Assertions.sol";
import {TypedData} from "../support/TypedData.sol";
import {PlainToken} from "../tokens/PlainToken.sol";

/// @notice An escrow, a plain token, people, and what they sign: what every test of a verb starts from.
abstract contract Base is Assertions {
    uint256 internal constant GRACE = 48 hours;
    uint128 internal constant DEPOSIT = 1_000e6;
    uint128 internal constant MAX_DEPOSIT = type(uint104).max;
    address internal constant NATIVE = address(0);
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant PAYEE_KEY = 0xB0B;
    uint256 internal constant SIGNER_KEY = 0x5E55;
    uint256 internal constant STRANGER_KEY = 0xBAD;

    address internal payer = vm.addr(PAYER_KEY);
    address internal payee = vm.addr(PAYEE_KEY);
    address internal signer = vm.addr(SIGNER_KEY);
    address internal stranger = vm.addr(STRANGER_KEY);

    IPaymentChannels internal channels;
    PlainToken internal plain;
    /// @dev Second and chain of the next call. The optimizer reads `block` once a test, so tests must not read it after a change.
    uint256 internal clock;
    uint256 internal chain;
    uint256 private _salts;

    function setUp() public virtual {
        travelTo(1_800_000_000); // the simulator starts at second 1, where no real chain is
        fork(block.chainid);
        channels = deployEscrow(GRACE);
        plain = new PlainToken();
        funded(plain);
        vm.deal(payer, type(uint128).max);
    }

    function travelTo(uint256 second) internal {
        clock = second;
        vm.warp(second);
    }

    function fork(uint256 chainId) internal {
        chain = chainId;
        vm.chainId(chainId);
    }

    /// @dev From the artifact, so that no test's bytecode carries the escrow's.
    /// Danger: a run of single files compiles those alone; build first, or a changed escrow is tested as it was.
    function deployEscrow(uint256 grace) internal returns (IPaymentChannels) {
        bytes memory code = abi.encodePacked(vm.getCode("PaymentChannels.sol:PaymentChannels"), abi.encode(grace));
        address escrow;
        assembly ("memory-safe") {
            escrow := create(0, add(code, 0x20), mload(code))
        }
        return IPaymentChannels(escrow);
    }

    /// @dev Gives the payer more of a token than it will ever lock, and the escrow the payer's allowance.
    function funded(PlainToken token) internal returns (address) {
        token.mint(payer, type(uint128).max);
        vm.prank(payer);
        token.approve(address(channels), type(uint256).max);
        return address(token);
    }

    /* CHANNELS */

    function describe(address token) internal returns (IPaymentChannels.Channel memory) {
        return IPaymentChannels.Channel(payer, payee, token, bytes32(++_salts), signer);
    }

    /// @dev A live channel with a session key, asserted to be so.
    function opened(address token, uint128 deposit) internal returns (IPaymentChannels.Channel memory channel) {
        channel = describe(token);
        openAs(channel, deposit);
    }

    function openAs(IPaymentChannels.Channel memory channel, uint128 deposit) internal returns (bytes32 channelId) {
        vm.prank(channel.payer);
        channelId = channels.open{value: channel.token == NATIVE ? deposit : 0}(
            channel.payee,
            channel.token,
            deposit,
            channel.salt,
            channel.authorizedSigner
        );
        assertEq(channelId, idOf(channel), "id of the channel opened");
        assertState(channel, deposit, 0, 0, false);
    }

    /// @dev A live channel whose payer has asked to leave in this second, asserted to be so.
    function leaving(address token) internal returns (IPaymentChannels.Channel memory channel) {
        channel = opened(token, DEPOSIT);
        vm.prank(channel.payer);
        channels.requestClose(channel);
        assertState(channel, DEPOSIT, 0, clock, false);
    }

    /// @dev A channel that its payee closed without a voucher, asserted to be so.
    function closed(address token) internal returns (IPaymentChannels.Channel memory channel) {
        channel = opened(token, DEPOSIT);
        vm.prank(channel.payee);
        channels.close(channel, 0, "");
        assertState(channel, DEPOSIT, 0, 0, true);
    }

    function idOf(IPaymentChannels.Channel memory channel) internal view returns (bytes32) {
        return idOf(channel, address(channels), chain);
    }

    function idOf(
        IPaymentChannels.Channel memory channel,
        address escrow,
        uint256 chainId
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    channel.payer,
                    channel.payee,
                    channel.token,
                    channel.salt,
                    channel.authorizedSigner,
                    escrow,
                    chainId
                )
            );
    }

    function assertState(
        IPaymentChannels.Channel memory channel,
        uint256 deposit,
        uint256 settled,
        uint256 closeRequestedAt,
        bool finalized
    ) internal view {
        IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(channel));
        assertEq(state.deposit, deposit, "deposit");
        assertEq(state.settled, settled, "settled");
        assertEq(state.closeRequestedAt, closeRequestedAt, "closeRequestedAt");
        assertTrue(state.finalized == finalized, "finalized");
    }

    /* MONEY */

    function held(address token, address account) internal view returns (uint256) {
        return token == NATIVE ? account.balance : PlainToken(token).balanceOf(account);
    }

    function assertHeld(address token, address account, uint256 expected, string memory who) internal view {
        assertEq(held(token, account), expected, string.concat("balance of ", who));
    }

    /* SIGNATURES */

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function compact(uint256 key, bytes32 digest) internal pure returns (bytes32 r, bytes32 vs) {
        uint8 v;
        (v, r, vs) = vm.sign(key, digest);
        if (v == 28) vs |= bytes32(uint256(1) << 255);
    }

    function voucherHash(IPaymentChannels.Channel memory channel, uint128 amount) internal view returns (bytes32) {
        bytes memory members = abi.encode(idOf(channel), amount);
        return TypedData.digest(address(channels), chain, TypedData.VOUCHER, members);
    }

    /// @dev By the session key that `describe` names.
    function voucher(IPaymentChannels.Channel memory channel, uint128 amount) internal view returns (bytes memory) {
        return signed(SIGNER_KEY, voucherHash(channel, amount));
    }

    function closeRequestHash(
        IPaymentChannels.Channel memory channel,
        uint128 deposit
    ) internal view returns (bytes32) {
        bytes memory members = abi.encode(idOf(channel), deposit);
        return TypedData.digest(address(channels), chain, TypedData.CLOSE_REQUEST, members);
    }

    function closeRequest(
        uint256 key,
        IPaymentChannels.Channel memory channel,
        uint128 deposit
    ) internal view returns (bytes memory) {
        return signed(key, closeRequestHash(channel, deposit));
    }

    function closeAuthorizationHash(
        IPaymentChannels.Channel memory channel,
        uint128 amount,
        uint256 deadline
    ) internal view returns (bytes32) {
        bytes memory members = abi.encode(idOf(channel), amount, deadline);
        return TypedData.digest(address(channels), chain, TypedData.CLOSE_AUTHORIZATION, members);
    }

    function rowOf(
        IPaymentChannels.Channel memory channel,
        uint128 amount
    ) internal view returns (IPaymentChannels.SettleRow memory) {
        (bytes32 r, bytes32 vs) = compact(SIGNER_KEY, voucherHash(channel, amount));
        return IPaymentChannels.SettleRow(channel.payer, channel.salt, channel.authorizedSigner, amount, r, vs);
    }

    /* REVERTS */

    function expectError(bytes4 selector) internal {
        vm.expectRevert(abi.encodePacked(selector));
    }

    function expectNotFound(IPaymentChannels.Channel memory channel) internal {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ChannelNotFound.selector, idOf(channel)));
    }

    function expectFinalized(IPaymentChannels.Channel memory channel) internal {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ChannelFinalized.selector, idOf(channel)));
    }
}

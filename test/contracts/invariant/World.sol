// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Permit2Base} from "../PaymentChannels/Permit2Base.t.sol";
import {PoolBase} from "../DonationPool/PoolBase.t.sol";
import {AnsweringGate} from "../gates/AnsweringGate.sol";
import {AdministeredToken} from "../tokens/AdministeredToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {KeyedWallet} from "../wallets/KeyedWallet.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";

/// @notice One escrow with the rounds of its factory, a registry, tokens, a gate, and everybody who acts on them.
abstract contract World is Permit2Base, PoolBase {
    uint256 internal constant PAYERS = 4;
    uint256 internal constant SPONSORS = 2;
    /// @dev Projects have the ids 1 to 5.
    uint256 internal constant LAST_PROJECT = 5;
    bytes32 internal constant SECRET = keccak256("the wallet's secret");
    /// @dev Has no money, no allowance, no role and no key.
    address internal constant OUTSIDER = address(0xDEAD);

    /// @dev The native coin, a plain token, and one with EIP-3009 and an administrator.
    address[3] internal tokens;
    AdministeredToken internal dollar;
    /// @dev The last refuses the native coin until it is told to accept.
    address[3] internal payees;
    address[PAYERS] internal payers;
    address[SPONSORS] internal sponsors;
    AnsweringGate internal gate;
    address internal wallet;

    function setUp() public virtual override(Permit2Base, PoolBase) {
        super.setUp();
        register(LAST_PROJECT);
        dollar = AdministeredToken(deploy(vm.getCode("AdministeredToken.sol:AdministeredToken")));
        gate = new AnsweringGate();
        wallet = address(new KeyedWallet(SECRET));
        tokens = [NATIVE, address(plain), address(dollar)];
        payees = [payee, stranger, address(new RevertingReceiver())];
        sponsors = [vm.addr(0x5905), vm.addr(0x5906)];
        keyOf[signer] = SIGNER_KEY;
        for (uint256 i; i < PAYERS; ++i) {
            uint256 key = PAYER_KEY + i;
            payers[i] = vm.addr(key);
            keyOf[payers[i]] = key;
            vm.deal(payers[i], type(uint128).max);
            for (uint256 j = 1; j < 3; ++j) {
                funds(payers[i], PlainToken(tokens[j]), type(uint128).max);
                allow(payers[i], PlainToken(tokens[j]), address(channels));
                allow(payers[i], PlainToken(tokens[j]), PERMIT2);
            }
        }
        for (uint256 i; i < SPONSORS; ++i) {
            funds(sponsors[i], plain, type(uint96).max);
            funds(sponsors[i], PlainToken(address(dollar)), type(uint96).max);
        }
    }

    /// @dev Up to this amount in all.
    function funds(address account, PlainToken token, uint256 amount) private {
        uint256 has = token.balanceOf(account);
        if (has < amount) token.mint(account, amount - has);
    }

    function allow(address owner, PlainToken token, address spender) internal {
        vm.prank(owner);
        token.approve(spender, type(uint256).max);
    }

    /// @dev The second address of a project, to which its manager may change.
    function otherPayoutOf(uint256 projectId) internal pure returns (address) {
        return address(uint160(payoutOf(projectId)) + 1);
    }

    /// @dev A number for each use of one seed.
    function mix(uint256 seed, uint256 use) internal pure returns (uint256 mixed) {
        assembly ("memory-safe") {
            mstore(0x00, seed)
            mstore(0x20, use)
            mixed := keccak256(0x00, 0x40)
        }
    }

    /// @dev By whoever signs for a channel: its session key, its wallet, or its payer.
    function signedFor(IPaymentChannels.Channel memory channel, bytes32 digest) internal view returns (bytes memory) {
        address by = channel.authorizedSigner;
        if (by == wallet) return abi.encode(keccak256(abi.encode(SECRET, digest)));
        return signed(keyOf[by == address(0) ? channel.payer : by], digest);
    }

    /// @dev The first of `length` things, counted from a seed, that fits.
    function first(
        uint256 seed,
        uint256 length,
        function(uint256) view returns (bool) fits
    ) internal view returns (bool, uint256) {
        for (uint256 i; i < length; ++i) {
            uint256 index = addmod(seed, i, length);
            if (fits(index)) return (true, index);
        }
        return (false, 0);
    }

    function noGifts() internal pure returns (IDonationPool.Gift[] memory) {
        return new IDonationPool.Gift[](0);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {DelegatedAccount} from "../wallets/DelegatedAccount.sol";
import {GasBurningWallet} from "../wallets/GasBurningWallet.sol";
import {NoWallet} from "../wallets/NoWallet.sol";
import {RehashingWallet} from "../wallets/RehashingWallet.sol";
import {ReturnBombWallet} from "../wallets/ReturnBombWallet.sol";
import {RotatingWallet} from "../wallets/RotatingWallet.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Base} from "./Base.t.sol";

/// @notice Who may have signed a voucher, and how: the rules that every verb with a signature shares.
contract SettleSignaturesTest is Base, DelegatedAccount {
    function test_GivenAnyKey_WhenItsVoucherHas65Or64Bytes_BothSettle(uint256 key, uint128 amount) public {
        key = bound(key, 1, CURVE_ORDER - 1);
        amount = uint128(bound(amount, 1, DEPOSIT - 1));
        IPaymentChannels.Channel memory channel = signedBy(vm.addr(key));

        channels.settle(channel, amount, signed(key, voucherHash(channel, amount)));
        (bytes32 r, bytes32 vs) = compact(key, voucherHash(channel, amount + 1));
        channels.settle(channel, amount + 1, abi.encodePacked(r, vs));

        assertHeld(address(plain), payee, amount + 1, "the payee");
    }

    function test_GivenAPlainAccount_WhenTheSignatureHasAnyOtherLength_ItReverts(
        uint256 length,
        bytes32 filler
    ) public {
        length = bound(length, 0, 200);
        vm.assume(length != 64 && length != 65);
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        // A good signature cut short, or followed by more.
        bytes memory signature = abi.encodePacked(voucher(channel, 1), filler, filler, filler, filler, filler);
        assembly ("memory-safe") {
            mstore(signature, length)
        }

        refused(channel, 1, signature);
    }

    /// @dev Nobody signs for it, and so nothing that fails to recover may stand for it either.
    function test_GivenAPrecompileAsSigner_WhenTheSignatureHasAnyOtherLength_ItReverts() public {
        IPaymentChannels.Channel memory channel = signedBy(address(1));
        refused(channel, 1, "");
        refused(channel, 1, new bytes(63));
        refused(channel, 1, new bytes(66));
    }

    function test_GivenAGoodSignature_WhenItsMirrorImageWithAHighSComes_ItReverts(uint128 amount) public {
        amount = uint128(bound(amount, 1, DEPOSIT));
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SIGNER_KEY, voucherHash(channel, amount));
        uint8 flipped = v == 27 ? 28 : 27;
        bytes32 high = bytes32(CURVE_ORDER - uint256(s));
        assertEq(ecrecover(voucherHash(channel, amount), flipped, r, high), signer, "the mirror image recovers alike");

        refused(channel, amount, abi.encodePacked(r, high, flipped));
        refused(channel, amount, abi.encodePacked(r, high, v));
        refused(channel, amount, abi.encodePacked(r, s, flipped));
    }

    function test_GivenAGoodSignature_WhenItsVIsNeither27Nor28_ItReverts(uint8 v) public {
        vm.assume(v != 27 && v != 28);
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        (, bytes32 r, bytes32 s) = vm.sign(SIGNER_KEY, voucherHash(channel, 1));

        refused(channel, 1, abi.encodePacked(r, s, v));
    }

    function test_GivenASignatureThatRecoversToNobody_WhenSettled_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);

        refused(channel, 1, new bytes(65));
        refused(channel, 1, new bytes(64));
        refused(channel, 1, abi.encodePacked(bytes32(0), bytes32(0), uint8(27)));
        refused(channel, 1, abi.encodePacked(bytes32(CURVE_ORDER), bytes32(uint256(1)), uint8(27)));
    }

    function test_GivenNoAuthorizedSigner_WhenThePayerOrNobodySigns_OnlyThePayersVoucherSettles() public {
        IPaymentChannels.Channel memory channel = signedBy(address(0));
        refused(channel, 1, new bytes(65));
        refused(channel, 1, voucher(channel, 1));

        channels.settle(channel, 1, signed(PAYER_KEY, voucherHash(channel, 1)));

        assertHeld(address(plain), payee, 1, "the payee");
    }

    function test_GivenAnAuthorizedSigner_WhenThePayerOrPayeeOrAStrangerSigns_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        refused(channel, 1, signed(PAYER_KEY, voucherHash(channel, 1)));
        refused(channel, 1, signed(PAYEE_KEY, voucherHash(channel, 1)));
        refused(channel, 1, signed(STRANGER_KEY, voucherHash(channel, 1)));
    }

    function test_GivenAVoucherOfOneAmount_WhenAnotherIsClaimedWithIt_ItReverts(
        uint128 amount,
        uint128 claimed
    ) public {
        amount = uint128(bound(amount, 1, DEPOSIT));
        claimed = uint128(bound(claimed, 1, DEPOSIT));
        vm.assume(amount != claimed);
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);

        refused(channel, claimed, voucher(channel, amount));
    }

    function test_GivenVouchersOfOtherChainsEscrowsOrChannels_WhenReplayed_OnlyTheChannelsOwnSettles() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        IPaymentChannels.Channel memory sibling = opened(address(plain), DEPOSIT);
        address otherEscrow = address(deployEscrow(GRACE));
        for (uint256 i = 7; ; --i) {
            (uint256 chainId, address escrow) = (i & 1 == 0 ? chain : 10, i & 2 == 0 ? address(channels) : otherEscrow);
            bytes memory members = abi.encode(idOf(i & 4 == 0 ? channel : sibling, escrow, chainId), uint128(1));
            bytes memory signature = signed(SIGNER_KEY, TypedData.digest(escrow, chainId, TypedData.VOUCHER, members));
            if (i == 0) {
                channels.settle(channel, 1, signature);
                break;
            }
            refused(channel, 1, signature);
            // The same with the id of this channel, so that the domain alone has to tell them apart.
            if (i & 3 == 0) continue;
            members = abi.encode(idOf(channel), uint128(1));
            refused(channel, 1, signed(SIGNER_KEY, TypedData.digest(escrow, chainId, TypedData.VOUCHER, members)));
        }
        assertHeld(address(plain), payee, 1, "the payee");
    }

    function test_GivenAForkWithAnotherChainId_WhenAnOldVoucherIsReplayed_NeitherChannelNorVoucherExists() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory signature = voucher(channel, 1);
        fork(10);
        assertEq(channels.voucherDigest(idOf(channel), 1), voucherHash(channel, 1), "digest of the fork");

        expectNotFound(channel);
        channels.settle(channel, 1, signature);

        openAs(channel, DEPOSIT);
        refused(channel, 1, signature);
        channels.settle(channel, 1, voucher(channel, 1));
    }

    function test_GivenASignerThatDelegatesAfterSigning_WhenItsCodeDisownsTheVoucher_ItSettlesAllTheSame() public {
        IPaymentChannels.Channel memory channel = signedBy(address(0));
        bytes memory signature = signed(PAYER_KEY, voucherHash(channel, 1));
        delegate(payer, address(new NoWallet()));

        channels.settle(channel, 1, signature);

        assertHeld(address(plain), payee, 1, "the payee");
    }

    function test_GivenADelegatedSigner_WhenItsCodeBurnsGasOrAnswersWithAMegabyte_ItSettlesAllTheSame() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        delegate(signer, address(new GasBurningWallet()));
        channels.settle{gas: 200_000}(channel, 1, voucher(channel, 1));
        delegate(signer, address(new ReturnBombWallet()));
        channels.settle{gas: 200_000}(channel, 2, voucher(channel, 2));
        assertHeld(address(plain), payee, 2, "the payee");
    }

    function test_GivenADelegatedSigner_WhenItsCodeDisownsAStrangersVoucher_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        delegate(signer, address(new NoWallet()));

        refused(channel, 1, signed(STRANGER_KEY, voucherHash(channel, 1)));
    }

    function test_GivenADelegateThatRehashes_WhenPlainAndRehashedVouchersCome_OnlyThePlainOutlivesTheDelegation()
        public
    {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes32[4] memory rehashed;
        for (uint128 i; i < 4; ++i) {
            rehashed[i] = keccak256(abi.encode(voucherHash(channel, i + 1), signer));
        }
        refused(channel, 1, signed(SIGNER_KEY, rehashed[0]));

        delegate(signer, address(new RehashingWallet()));
        channels.settle(channel, 1, signed(SIGNER_KEY, rehashed[0]));
        channels.settle(channel, 2, voucher(channel, 2)); // which the delegate disowns
        refused(channel, 3, signed(STRANGER_KEY, rehashed[2]));

        vm.etch(signer, "");
        refused(channel, 3, signed(SIGNER_KEY, rehashed[2]));
        channels.settle(channel, 3, voucher(channel, 3));
        assertHeld(address(plain), payee, 3, "the payee");
    }

    function test_GivenAWalletThatIsNotDeployed_WhenItsWrappedSignatureComes_ItRevertsAndAPlainOneSettlesOnceItIs()
        public
    {
        address future = address(0xF070);
        IPaymentChannels.Channel memory channel = signedBy(future);
        bytes memory inner = voucher(channel, 1);
        // ERC-6492: who would deploy the wallet, by which call, the wallet's own signature, and 32 bytes of magic.
        bytes memory wrapped = abi.encodePacked(
            abi.encode(stranger, hex"c0ffee", inner),
            bytes32(0x6492649264926492649264926492649264926492649264926492649264926492)
        );
        refused(channel, 1, wrapped);
        refused(channel, 1, inner);

        vm.etch(future, address(new RotatingWallet(signer)).code);
        RotatingWallet(payable(future)).rotate(signer);
        refused(channel, 1, wrapped);
        channels.settle(channel, 1, inner);
        assertHeld(address(plain), payee, 1, "the payee");
    }

    function test_GivenAContractWallet_WhenItApprovesADigest_AnyLengthOfSignatureSettles(
        bytes memory signature
    ) public {
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = signedBy(address(wallet));
        wallet.approve(voucherHash(channel, 1));

        refused(channel, 2, signature);
        channels.settle(channel, 1, signature);

        assertHeld(address(plain), payee, 1, "the payee");
    }

    function test_GivenAContractWallet_WhenItAnswersNo_ItReverts() public {
        IPaymentChannels.Channel memory channel = signedBy(address(new NoWallet()));
        refused(channel, 1, voucher(channel, 1));
        refused(channel, 1, "");
    }

    function test_GivenAContractWallet_WhenItsKeyRotates_TheOldKeysVoucherDiesAndTheNewKeysLives() public {
        RotatingWallet wallet = new RotatingWallet(signer);
        IPaymentChannels.Channel memory channel = signedBy(address(wallet));
        channels.settle(channel, 1, voucher(channel, 1));

        wallet.rotate(stranger);

        refused(channel, 2, voucher(channel, 2));
        channels.settle(channel, 2, signed(STRANGER_KEY, voucherHash(channel, 2)));
        assertHeld(address(plain), payee, 2, "the payee");
    }

    function test_GivenAContractWallet_WhenItBurnsGasOrAnswersWithAMegabyte_OnlyItsOwnSettlementFails() public {
        refused(signedBy(address(new ReturnBombWallet())), 1, "");
        IPaymentChannels.Channel memory burning = signedBy(address(new GasBurningWallet()));
        vm.expectRevert(abi.encodePacked(IPaymentChannels.InvalidSignature.selector));
        channels.settle{gas: 3_000_000}(burning, 1, "");
    }

    function signedBy(address account) private returns (IPaymentChannels.Channel memory channel) {
        channel = describe(address(plain));
        channel.authorizedSigner = account;
        openAs(channel, DEPOSIT);
    }

    function refused(IPaymentChannels.Channel memory channel, uint128 amount, bytes memory signature) private {
        expectError(IPaymentChannels.InvalidSignature.selector);
        channels.settle(channel, amount, signature);
    }
}

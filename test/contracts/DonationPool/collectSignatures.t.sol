// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {DelegatedAccount} from "../wallets/DelegatedAccount.sol";
import {GasBurningWallet} from "../wallets/GasBurningWallet.sol";
import {NoWallet} from "../wallets/NoWallet.sol";
import {ReturnBombWallet} from "../wallets/ReturnBombWallet.sol";
import {RotatingWallet} from "../wallets/RotatingWallet.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Who says where a channel's money goes, and for what message alone.
contract CollectSignaturesTest is PoolBase, DelegatedAccount {
    function test_GivenTheTypesStrings_WhenTheSimulatorHashesThem_TheyAreThoseOfTheContract() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.Gift[] memory gifts = list(1, 3e6, 2, 4e6);
        assertEq(
            vm.eip712HashType(TypedData.ALLOCATION),
            keccak256(bytes(TypedData.ALLOCATION)),
            "type hash of an allocation"
        );
        assertEq(
            pool.allocationDigest(idOf(channel), keccak256(ANY), gifts),
            allocationHash(channel, gifts, ANY),
            "digest with gate data"
        );
        assertEq(
            pool.allocationDigest(idOf(channel), 0, gifts),
            allocationHash(channel, gifts, ""),
            "digest without gate data"
        );
    }

    function test_GivenAnAllocationOfAnotherPool_WhenCollected_ItReverts() public {
        IDonationPool other = created(matchingTerms(), range(1, 3));
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);
        bytes32 digest = TypedData.allocation(address(other), chain, idOf(channel), 3e6, keccak256(ANY), list(1, 3e6));
        refused(item, signed(keyOf[channel.authorizedSigner], digest));
    }

    function test_GivenAnAllocationOfAnotherChannelOfTheDonor_WhenCollected_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        IPaymentChannels.Channel memory other = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);
        refused(item, itemOf(other, none(), list(1, 3e6), ANY).allocationSignature);
    }

    function test_GivenAnAllocationOfAnotherChain_WhenCollected_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);
        bytes32 digest = TypedData.allocation(
            address(pool),
            chain + 1,
            idOf(channel),
            3e6,
            keccak256(ANY),
            list(1, 3e6)
        );
        refused(item, signed(keyOf[channel.authorizedSigner], digest));
    }

    function test_GivenAForkOfTheChain_WhenAnAllocationOfBeforeComes_ItRevertsAndOneOfTheForkCounts() public {
        IDonationPool.CollectItem memory before = itemOf(line(1), none(), list(1, 3e6), ANY);
        fork(chain + 1);
        expectError(IDonationPool.InvalidSignature.selector);
        collect(before);
        IDonationPool.CollectItem memory afterwards = itemOf(line(2), none(), list(1, 3e6), ANY);
        collect(afterwards);
        assertGifts(1, 3e6);
    }

    /// @dev As a call of its own, so that its revert can be watched from outside.
    function bring(IDonationPool.CollectItem memory item) external {
        collect(item);
    }

    function test_GivenAnyFieldOfTheMessageChanged_WhenCollected_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6, 2, 4e6), ANY);
        bytes memory signature = item.allocationSignature;
        item.gifts = list(1, 3e6, 3, 4e6);
        refused(item, signature);
        item.gifts = list(1, 4e6, 2, 3e6);
        refused(item, signature);
        item.gifts = list(1, 3e6, 2, 4e6 + 1);
        refused(item, signature);
        item.gifts = list(1, 7e6);
        refused(item, signature);
    }

    function test_GivenASignedAllocation_WhenARivalSwapsOrDropsOrAddsGateData_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), hex"c0ffee");
        item.gateData = hex"bad0";
        refused(item, item.allocationSignature);
        item.gateData = "";
        refused(item, item.allocationSignature);
        item = itemOf(item.channel, none(), list(1, 3e6), "");
        item.gateData = ANY;
        refused(item, item.allocationSignature);
        item.gateData = new bytes(32);
        refused(item, item.allocationSignature);
    }

    function test_GivenAChannelWithASessionKey_WhenItsPayerSigns_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        refused(item, signed(0xD0000001, allocationHash(item.channel, item.gifts, ANY)));
        refused(item, signed(STRANGER_KEY, allocationHash(item.channel, item.gifts, ANY)));
        refused(item, "");
    }

    function test_GivenAChannelWithoutASessionKey_WhenItsPayerSigns_ItCounts() public {
        IDonationPool.CollectItem memory item = signedBy(donorOf(1), 0xD0000001);
        item.channel.authorizedSigner = address(0);
        item = signedFor(item.channel, 0xD0000001);
        collect(item);
        assertGifts(1, 3e6);
    }

    function test_GivenA64ByteSignature_WhenCollected_ItCounts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        (bytes32 r, bytes32 vs) = compact(
            keyOf[item.channel.authorizedSigner],
            allocationHash(item.channel, item.gifts, ANY)
        );
        item.allocationSignature = abi.encodePacked(r, vs);
        collect(item);
        assertGifts(1, 3e6);
    }

    function test_GivenAGoodSignature_WhenItsMirrorImageComes_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        bytes32 digest = allocationHash(item.channel, item.gifts, ANY);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[item.channel.authorizedSigner], digest);
        refused(item, abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
    }

    function test_GivenASignerThatGainsCodeAfterSigning_WhenItsCodeDisownsTheSignature_ItStillCounts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        delegate(item.channel.authorizedSigner, address(new NoWallet()));
        collect(item);
        assertGifts(1, 3e6);
    }

    function test_GivenAContractWalletAsSigner_WhenItsKeySigns_ItCountsUntilTheKeyIsRotated() public {
        RotatingWallet wallet = new RotatingWallet(stranger);
        IDonationPool.CollectItem memory item = signedBy(address(wallet), STRANGER_KEY);
        wallet.rotate(payee);
        refused(item, item.allocationSignature);
        wallet.rotate(stranger);
        collect(item);
        assertGifts(1, 3e6);
    }

    function test_GivenAHostileContractAsSigner_WhenItIsAsked_TheItemAloneReverts() public {
        IDonationPool.CollectItem memory item = signedBy(address(new NoWallet()), STRANGER_KEY);
        refused(item, item.allocationSignature);
        item = signedBy(address(new ReturnBombWallet()), STRANGER_KEY);
        refused(item, item.allocationSignature);
        item = signedBy(address(new GasBurningWallet()), STRANGER_KEY);
        (bool done, ) = address(this).call{gas: 5_000_000}(abi.encodeCall(this.bring, (item)));
        assertTrue(!done, "a signer that burns all gas");
        assertGifts(1, 0);
    }

    /// @dev A live channel with this signer, and an item whose two messages a key of the test's choice signed.
    function signedBy(address signer_, uint256 key) private returns (IDonationPool.CollectItem memory) {
        IPaymentChannels.Channel memory channel = line(1);
        channel.authorizedSigner = signer_;
        return signedFor(channel, key);
    }

    function signedFor(
        IPaymentChannels.Channel memory channel,
        uint256 key
    ) private returns (IDonationPool.CollectItem memory item) {
        plain.mint(channel.payer, DEPOSIT);
        vm.prank(channel.payer);
        plain.approve(address(channels), DEPOSIT);
        openAs(channel, DEPOSIT);
        item = IDonationPool.CollectItem(channel, "", none(), list(1, 3e6), ANY, "");
        item.voucherSignature = signed(key, voucherHash(channel, 3e6));
        item.allocationSignature = signed(key, allocationHash(channel, item.gifts, ANY));
    }

    function refused(IDonationPool.CollectItem memory item, bytes memory signature) private {
        bytes memory own = item.allocationSignature;
        item.allocationSignature = signature;
        expectError(IDonationPool.InvalidSignature.selector);
        collect(item);
        assertState(item.channel, DEPOSIT, 0, 0, false);
        item.allocationSignature = own;
    }
}

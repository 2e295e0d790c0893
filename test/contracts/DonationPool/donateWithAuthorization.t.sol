// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {TypedData} from "../support/TypedData.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {SilentFallbackToken} from "../tokens/SilentFallbackToken.sol";
import {WalletAuthorizationToken} from "../tokens/WalletAuthorizationToken.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Giving by an EIP-3009 authorization that is good for these gifts alone.
contract DonateWithAuthorizationTest is PoolBase {
    uint256 private constant DONOR_KEY = 0xD0000001;
    bytes32 private constant SALT = keccak256("salt");
    uint256 private constant FOREVER = type(uint256).max;

    function setUp() public override {
        super.setUp();
        paidIn(PlainToken(address(new WalletAuthorizationToken())));
        plain.mint(donorOf(1), 100e6);
    }

    /// @dev What a donor signs for gifts, with the nonce of the specification.
    function authorizationHash(
        address from,
        IDonationPool.Gift[] memory gifts,
        bytes memory gateData
    ) private view returns (bytes32) {
        bytes32 gateDataHash = gateData.length == 0 ? bytes32(0) : keccak256(gateData);
        bytes32 nonce = keccak256(abi.encode(from, keccak256(abi.encode(gifts)), gateDataHash, SALT));
        bytes memory members = abi.encode(from, address(pool), uint256(sumOf(gifts)), uint256(0), FOREVER, nonce);
        bytes32 typeHash = keccak256(bytes(TypedData.RECEIVE_WITH_AUTHORIZATION));
        bytes32 structHash = keccak256(abi.encodePacked(typeHash, members));
        bytes32 domain = TypedData.separator("Demo Dollar", chain, address(plain));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// @dev By the first donor.
    function authorization(
        IDonationPool.Gift[] memory gifts,
        bytes memory gateData
    ) private view returns (bytes memory) {
        return signed(DONOR_KEY, authorizationHash(donorOf(1), gifts, gateData));
    }

    function test_GivenAnAuthorization_WhenAStrangerSubmitsIt_TheDonorsGiftsAreAttributedAndCounted() public {
        IDonationPool.Gift[] memory gifts = list(1, 3e6, 2, 4e6);
        bytes memory signature = authorization(gifts, ANY);
        bytes32 donationId = keccak256(abi.encode(donorOf(1), SALT));

        vm.expectEmit(address(pool));
        emit IDonationPool.Donated(donationId, donorOf(1), SALT, true, gifts);
        vm.prank(stranger);
        bytes32 id = pool.donateWithAuthorization(donorOf(1), gifts, ANY, SALT, 0, FOREVER, signature);

        assertEq(id, donationId, "id of the donation");
        assertEq(pool.giftsHash(id), hashOf(gifts), "the donation's list");
        assertHeld(address(plain), address(pool), 7e6, "the pool");
        assertHeld(address(plain), donorOf(1), 93e6, "the donor");
        uint256[] memory counted = new uint256[](1);
        counted[0] = 3e6;
        assertCount(1, counted);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.DonationExists.selector, id));
        pool.donateWithAuthorization(donorOf(1), gifts, ANY, SALT, 0, FOREVER, signature);
    }

    function test_GivenA64ByteSignature_WhenSubmitted_ItCounts() public {
        bytes memory signature = authorization(list(1, 3e6), "");
        (bytes32 r, bytes32 s, uint8 v) = (word(signature, 0), word(signature, 32), uint8(signature[64]));
        bytes32 vs = v == 28 ? s | bytes32(uint256(1) << 255) : s;
        pool.donateWithAuthorization(donorOf(1), list(1, 3e6), "", SALT, 0, FOREVER, abi.encodePacked(r, vs));
        assertGifts(1, 3e6);
    }

    function word(bytes memory data, uint256 offset) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 0x20), offset))
        }
    }

    function test_GivenAContractWallet_WhenItApproves_ItCountsByTheTokensOtherForm() public {
        YesWallet wallet = new YesWallet();
        plain.mint(address(wallet), 3e6);
        wallet.approve(authorizationHash(address(wallet), list(1, 3e6), ANY));
        pool.donateWithAuthorization(address(wallet), list(1, 3e6), ANY, SALT, 0, FOREVER, hex"00");
        assertGifts(1, 3e6);
        assertHeld(address(plain), address(wallet), 0, "the wallet");
    }

    function test_GivenAnAuthorization_WhenARivalChangesGiftsOrGateDataOrSaltOrDonor_ItReverts() public {
        bytes memory signature = authorization(list(1, 3e6), ANY);
        plain.mint(stranger, 3e6);
        refused(donorOf(1), list(2, 3e6), ANY, SALT, signature);
        refused(donorOf(1), list(1, 2e6, 2, 1e6), ANY, SALT, signature);
        refused(donorOf(1), list(1, 3e6), "", SALT, signature);
        refused(donorOf(1), list(1, 3e6), hex"02", SALT, signature);
        refused(donorOf(1), list(1, 3e6), ANY, bytes32("other"), signature);
        refused(stranger, list(1, 3e6), ANY, SALT, signature);
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function refused(
        address from,
        IDonationPool.Gift[] memory gifts,
        bytes memory gateData,
        bytes32 salt,
        bytes memory signature
    ) private {
        expectError(ERC3009.ERC3009InvalidSignature.selector);
        pool.donateWithAuthorization(from, gifts, gateData, salt, 0, FOREVER, signature);
    }

    function test_GivenASpentAuthorization_WhenTheDonationFails_NothingIsSpent() public {
        bytes memory signature = authorization(list(1, 3e6), ANY);
        suspend(1);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectNotAccepted.selector, 1));
        pool.donateWithAuthorization(donorOf(1), list(1, 3e6), ANY, SALT, 0, FOREVER, signature);
        assertHeld(address(plain), donorOf(1), 100e6, "the donor");
        reinstate(1);
        pool.donateWithAuthorization(donorOf(1), list(1, 3e6), ANY, SALT, 0, FOREVER, signature);
        assertGifts(1, 3e6);
    }

    function test_GivenATokenThatAnswersAnythingWithSuccess_WhenNothingArrives_ItReverts() public {
        paidIn(new SilentFallbackToken());
        bytes memory signature = new bytes(65);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TransferMismatch.selector, 3e6, 0));
        pool.donateWithAuthorization(donorOf(1), list(1, 3e6), ANY, SALT, 0, FOREVER, signature);
        assertGifts(1, 0);
    }
}

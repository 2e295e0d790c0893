// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {Permit2Base} from "./Permit2Base.t.sol";

/// @notice The vectors that the TypeScript tests read too, made by neither: each message played on the escrow that it is for.
contract VectorsTest is Permit2Base {
    uint256 private constant COUNT = 5;

    string private _json;
    string private _at;

    function setUp() public override {
        super.setUp();
        _json = vm.readFile("test/vectors/messages.json");
    }

    function test_GivenEachVector_WhenItsIdAndDigestsAreMade_TheyAreTheVectors() public {
        for (uint256 i; i < COUNT; ++i) {
            IPaymentChannels.Channel memory channel = enter(i);
            bytes32 channelId = word(".channelId");
            assertEq(channels.computeChannelId(channel), channelId, "channelId");
            assertEq(idOf(channel), channelId, "channelId, a second time");
            uint128 amount = number(".voucher.cumulativeAmount");
            assertEq(channels.voucherDigest(channelId, amount), word(".voucher.digest"), "digest of the voucher");
            bytes memory members = abi.encode(
                channelId,
                number(".tickVoucher.cumulativeAmount"),
                word(".tickVoucher.tickRoot"),
                number(".tickVoucher.tickValue")
            );
            assertDigest(TypedData.TICK_VOUCHER, members, ".tickVoucher.digest");
            members = abi.encode(channelId, number(".closeRequest.deposit"));
            assertDigest(TypedData.CLOSE_REQUEST, members, ".closeRequest.digest");
            members = abi.encode(
                channelId,
                number(".closeAuthorization.cumulativeAmount"),
                uint256(number(".closeAuthorization.deadline"))
            );
            assertDigest(TypedData.CLOSE_AUTHORIZATION, members, ".closeAuthorization.digest");
            assertPermits(channel);
            assertAllocation(channelId, amount);
            bytes32 digest = TypedData.authorization(
                "Demo Dollar",
                channel.token,
                chain,
                channel.payer,
                address(channels),
                amount,
                word(".authorizationNonce")
            );
            assertEq(digest, word(".authorization.digest"), "authorization of the token's");
        }
    }

    function test_GivenEachVector_WhenItsVoucherAndTicksAreSettled_TheyPayWhatTheySay() public {
        for (uint256 i; i < COUNT; ++i) {
            IPaymentChannels.Channel memory channel = enter(i);
            uint128 amount = number(".voucher.cumulativeAmount");
            if (amount == 0 || uint256(amount) * 6 > MAX_DEPOSIT) continue; // no deposit covers it
            fund(channel, 6 * amount);
            channels.settle(channel, amount, vm.parseJsonBytes(_json, path(".voucher.signature")));
            assertState(channel, 6 * amount, amount, 0, false);

            bytes32[] memory links = vm.parseJsonBytes32Array(_json, path(".tickVoucher.links"));
            assertEq(links.length, 6, "links of five ticks and the root");
            bytes memory signature = vm.parseJsonBytes(_json, path(".tickVoucher.signature"));
            for (uint128 ticks = 1; ticks < 6; ++ticks) {
                channels.settleTicks(channel, amount, links[0], amount, signature, ticks, links[ticks]);
                assertState(channel, 6 * amount, (1 + ticks) * amount, 0, false);
            }
        }
    }

    function test_GivenEachVector_WhenACopyOfItsSignatureIsSettled_OnlyTheCompactOneIsGood() public {
        for (uint256 i; i < COUNT; ++i) {
            IPaymentChannels.Channel memory channel = enter(i);
            uint128 amount = number(".voucher.cumulativeAmount");
            if (amount == 0 || amount > MAX_DEPOSIT) continue; // no deposit covers it
            fund(channel, amount);
            refused(channel, amount, ".voucher.malleable.highS");
            refused(channel, amount, ".voucher.malleable.lowV");
            refused(channel, amount, ".voucher.flipped");
            channels.settle(channel, amount, vm.parseJsonBytes(_json, path(".voucher.malleable.compact")));
            assertState(channel, amount, amount, 0, false);
        }
    }

    function refused(IPaymentChannels.Channel memory channel, uint128 amount, string memory copy) private {
        bytes memory signature = vm.parseJsonBytes(_json, path(copy));
        expectError(IPaymentChannels.InvalidSignature.selector);
        channels.settle(channel, amount, signature);
    }

    function assertPermits(IPaymentChannels.Channel memory channel) private view {
        uint128 amount = number(".permit.amount");
        uint256 nonce = vm.parseUint(vm.parseJsonString(_json, path(".permit.nonce")));
        uint256 deadline = number(".permit.deadline");
        assertEq(openPermitHash(channel, amount, nonce, deadline), word(".permit.open.digest"), "permit to open");
        assertEq(topUpPermitHash(channel, amount, nonce, deadline), word(".permit.topUp.digest"), "permit to top up");
        bytes32 salt = word(".topUpAuthorization.topUpSalt");
        assertEq(
            keccak256(abi.encode(idOf(channel), amount, channel.payer, salt)),
            word(".topUpAuthorization.nonce"),
            "nonce of a top-up"
        );
    }

    /// @dev Two gifts, and none in the vector of nothing.
    function assertAllocation(bytes32 channelId, uint128 amount) private view {
        IDonationPool.Gift[] memory gifts = new IDonationPool.Gift[](amount == 0 ? 0 : 2);
        string[2] memory at = [".allocation.gifts[0]", ".allocation.gifts[1]"];
        for (uint256 i; i < gifts.length; ++i) {
            string memory project = vm.parseJsonString(_json, path(string.concat(at[i], ".projectId")));
            gifts[i] = IDonationPool.Gift(vm.parseUint(project), number(string.concat(at[i], ".cumulativeAmount")));
        }
        address pool = vm.parseJsonAddress(_json, path(".allocation.pool"));
        bytes32 digest = TypedData.allocation(pool, chain, channelId, amount, word(".allocation.gateDataHash"), gifts);
        assertEq(digest, word(".allocation.digest"), "allocation");
    }

    function assertDigest(string memory typeString, bytes memory members, string memory key) private view {
        assertEq(TypedData.digest(address(channels), chain, typeString, members), word(key), key);
    }

    /// @dev On the vector's chain, with the escrow's code where the vector has it, and its token there.
    function enter(uint256 index) private returns (IPaymentChannels.Channel memory channel) {
        string[5] memory names = ["[0]", "[1]", "[2]", "[3]", "[4]"];
        _at = string.concat(".vectors", names[index]);
        fork(vm.parseJsonUint(_json, path(".escrow.chainId")));
        address escrow = vm.parseJsonAddress(_json, path(".escrow.address"));
        vm.etch(escrow, address(channels).code);
        channels = IPaymentChannels(escrow);
        channel = IPaymentChannels.Channel(
            vm.parseJsonAddress(_json, path(".channel.payer")),
            vm.parseJsonAddress(_json, path(".channel.payee")),
            vm.parseJsonAddress(_json, path(".channel.token")),
            word(".channel.salt"),
            vm.parseJsonAddress(_json, path(".channel.authorizedSigner"))
        );
        if (channel.token != NATIVE) vm.etch(channel.token, address(plain).code);
    }

    function fund(IPaymentChannels.Channel memory channel, uint128 deposit) private {
        if (channel.token == NATIVE) {
            vm.deal(channel.payer, deposit);
        } else {
            (bool minted, ) = channel.token.call(
                abi.encodeWithSignature("mint(address,uint256)", channel.payer, deposit)
            );
            assertTrue(minted, "minted");
            vm.prank(channel.payer);
            (bool approved, ) = channel.token.call(
                abi.encodeWithSignature("approve(address,uint256)", address(channels), deposit)
            );
            assertTrue(approved, "approved");
        }
        openAs(channel, deposit);
    }

    function word(string memory key) private view returns (bytes32) {
        return vm.parseJsonBytes32(_json, path(key));
    }

    /// @dev Amounts are decimal text, since JSON's numbers end at 2^53.
    function number(string memory key) private view returns (uint128) {
        return uint128(vm.parseUint(vm.parseJsonString(_json, path(key))));
    }

    function path(string memory key) private view returns (string memory) {
        return string.concat(_at, key);
    }
}

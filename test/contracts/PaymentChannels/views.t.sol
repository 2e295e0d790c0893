// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {Permits} from "../../../contracts/libraries/Permits.sol";
import {TypeHashes} from "../../../contracts/libraries/TypeHashes.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {Base} from "./Base.t.sol";

contract ViewsTest is Base {
    function test_GivenAnyDescriptor_WhenItsIdIsAsked_ItIsTheHashOfEveryFieldEscrowAndChain(
        IPaymentChannels.Channel memory channel,
        uint64 chainId
    ) public {
        assertEq(channels.computeChannelId(channel), idOf(channel), "id");
        vm.assume(chainId != 0 && chainId != chain);
        bytes32 here = idOf(channel);
        fork(chainId);
        assertEq(channels.computeChannelId(channel), idOf(channel), "id on another chain");
        assertTrue(idOf(channel) != here, "another chain, another id");
    }

    function test_GivenAnyVoucher_WhenItsDigestIsAsked_ItIsEip712sAndFollowsTheChain(
        bytes32 channelId,
        uint128 amount,
        uint64 chainId
    ) public {
        vm.assume(chainId != 0);
        fork(chainId);
        bytes memory members = abi.encode(channelId, amount);
        assertEq(
            channels.voucherDigest(channelId, amount),
            TypedData.digest(address(channels), chain, TypedData.VOUCHER, members),
            "digest"
        );
    }

    function test_GivenTheTypeStrings_WhenHashedByTheSimulator_TheyAreTheContractsTypeHashes() public pure {
        assertEq(TypeHashes.VOUCHER, vm.eip712HashType(TypedData.VOUCHER), "Voucher");
        assertEq(TypeHashes.TICK_VOUCHER, vm.eip712HashType(TypedData.TICK_VOUCHER), "TickVoucher");
        assertEq(TypeHashes.CLOSE_REQUEST, vm.eip712HashType(TypedData.CLOSE_REQUEST), "CloseRequest");
        assertEq(
            TypeHashes.CLOSE_AUTHORIZATION,
            vm.eip712HashType(TypedData.CLOSE_AUTHORIZATION),
            "CloseAuthorization"
        );
    }

    /// @dev The simulator puts a type's references in order by itself, whatever order it is given them in.
    function test_GivenPermit2sStub_WhenAWitnessTypeFollows_ItIsEip712sWithItsTypesInAlphabeticalOrder() public pure {
        string memory stub =
            "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";
        string memory open = string.concat(stub, "ChannelOpenWitness witness)");
        string memory topUp = string.concat(stub, "ChannelTopUpWitness witness)");
        string memory permissions = TypedData.TOKEN_PERMISSIONS;
        assertEq(
            keccak256(bytes(string.concat(stub, Permits.OPEN_TYPE))),
            vm.eip712HashType(string.concat(open, permissions, TypedData.OPEN_WITNESS)),
            "the type of a permit to open"
        );
        assertEq(
            keccak256(bytes(string.concat(stub, Permits.TOP_UP_TYPE))),
            vm.eip712HashType(string.concat(topUp, permissions, TypedData.TOP_UP_WITNESS)),
            "the type of a permit to top up"
        );
        assertEq(Permits.OPEN_WITNESS, vm.eip712HashType(TypedData.OPEN_WITNESS), "ChannelOpenWitness");
        assertEq(Permits.TOP_UP_WITNESS, vm.eip712HashType(TypedData.TOP_UP_WITNESS), "ChannelTopUpWitness");
    }

    function test_GivenTheDomain_WhenReadByEip5267_ItHasNameVersionChainAndContract() public {
        fork(8453);
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        ) = IERC5267(address(channels)).eip712Domain();
        assertEq(uint8(fields), 0x0f, "fields");
        assertEq(bytes(name), "EVM Payment Channel", "name");
        assertEq(bytes(version), "1", "version");
        assertEq(chainId, 8453, "chainId");
        assertEq(verifyingContract, address(channels), "verifyingContract");
        assertEq(salt, 0, "salt");
        assertEq(extensions.length, 0, "extensions");
    }

    function test_GivenAnIdNeverOpened_WhenRead_ItIsAllZero(bytes32 channelId) public view {
        IPaymentChannels.ChannelState memory state = channels.getChannel(channelId);
        assertEq(keccak256(abi.encode(state)), keccak256(new bytes(128)), "state");
    }

    function test_GivenManyIds_WhenRead_TheirStatesComeInTheOrderAsked() public {
        IPaymentChannels.Channel memory one = opened(NATIVE, 11);
        IPaymentChannels.Channel memory two = leaving(NATIVE);
        IPaymentChannels.Channel memory three = closed(NATIVE);
        channels.settle(one, 4, voucher(one, 4));
        bytes32[] memory ids = new bytes32[](5);
        (ids[0], ids[1], ids[2], ids[4]) = (idOf(three), idOf(one), idOf(two), idOf(one));

        IPaymentChannels.ChannelState[] memory states = channels.getChannels(ids);

        assertEq(states.length, 5, "length");
        for (uint256 i; i < 5; ++i) {
            assertEq(
                keccak256(abi.encode(states[i])),
                keccak256(abi.encode(channels.getChannel(ids[i]))),
                "same as getChannel"
            );
        }
        assertTrue(states[0].finalized, "the first is closed");
        assertEq(states[1].settled, 4, "the second settled 4");
        assertEq(states[2].closeRequestedAt, clock, "the third is leaving");
        assertEq(channels.getChannels(new bytes32[](0)).length, 0, "none asked");
    }

    function test_GivenRowsOfEveryKind_WhenPreviewed_EachTellsWhatSettlingItAloneDoes() public {
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](6);
        IPaymentChannels.Channel memory live = opened(NATIVE, DEPOSIT);
        channels.settle(live, 9, voucher(live, 9));
        IPaymentChannels.Channel memory shut = closed(NATIVE);
        rows[0] = rowOf(live, 10);
        rows[1] = rowOf(describe(NATIVE), 1);
        rows[2] = rowOf(shut, 1);
        rows[3] = rowOf(live, 9);
        rows[4] = rowOf(live, DEPOSIT + 1);
        rows[5] = rowOf(live, 11);
        rows[5].cumulativeAmount = 12;
        bytes4[6] memory reasons = [
            bytes4(0),
            IPaymentChannels.ChannelNotFound.selector,
            IPaymentChannels.ChannelFinalized.selector,
            IPaymentChannels.AmountNotIncreasing.selector,
            IPaymentChannels.AmountExceedsDeposit.selector,
            IPaymentChannels.InvalidSignature.selector
        ];

        IPaymentChannels.SettlePreview[] memory previews = channels.previewSettle(payee, NATIVE, rows);

        for (uint256 i; i < 6; ++i) {
            assertEq(bytes32(previews[i].reason), bytes32(reasons[i]), "reason");
            assertEq(previews[i].increase, i == 0 ? 1 : 0, "increase");
        }
        assertEq(previews[0].channelId, idOf(live), "channelId");
        assertEq(previews[2].channelId, idOf(shut), "channelId");
        assertState(live, DEPOSIT, 9, 0, false);
    }
}

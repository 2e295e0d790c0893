// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../interfaces/IDonationPool.sol";
import {IEligibilityGate} from "../interfaces/IEligibilityGate.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";
import {IProjectRegistry} from "../interfaces/IProjectRegistry.sol";
import {QuadraticCount} from "./QuadraticCount.sol";

/// @title GiftCalls
/// @notice The calls that every gift makes, to the escrow, the registry and the gate, laid by hand: the compiler's own coding
/// of them would cost as much as a project's count.
library GiftCalls {
    /// @notice Gas that a gate gets: a Merkle proof or a signature by a contract wallet, and nothing to burn a batch with.
    uint256 internal constant GATE_GAS = 200_000;

    /// @dev What must be there for it to get that: a 64th stays behind (EIP-150), and a cold account costs 2,600.
    uint256 private constant GAS_TO_ASK = GATE_GAS + GATE_GAS / 63 + 5_000;

    uint256 private constant CHANNEL_SIZE = 0xa0;

    /// @notice A channel's id, as the escrow computes it.
    /// @dev Dirty upper bits of an address give an id that no channel has.
    function idOf(
        IPaymentChannels escrow,
        IPaymentChannels.Channel calldata channel
    ) internal view returns (bytes32 channelId) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, channel, CHANNEL_SIZE)
            mstore(add(free, 0xa0), escrow)
            mstore(add(free, 0xc0), chainid())
            channelId := keccak256(free, 0xe0)
        }
    }

    /// @notice `escrow.settle(channel, cumulativeAmount, signature)` without reverting.
    /// @return settled Whether it did.
    /// @return reason The escrow's error; empty when settled.
    function trySettle(
        IPaymentChannels escrow,
        IPaymentChannels.Channel calldata channel,
        uint128 cumulativeAmount,
        bytes calldata signature
    ) internal returns (bool settled, bytes memory reason) {
        bytes4 selector = IPaymentChannels.settle.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            let arguments := add(free, 4)
            calldatacopy(arguments, channel, CHANNEL_SIZE)
            mstore(add(arguments, 0xa0), cumulativeAmount)
            mstore(add(arguments, 0xc0), 0xe0)
            mstore(add(arguments, 0xe0), signature.length)
            calldatacopy(add(arguments, 0x100), signature.offset, signature.length)
            settled := call(gas(), escrow, 0, free, add(0x104, signature.length), 0, 0)
            reason := 0x60 // the empty one
            if iszero(settled) {
                reason := free
                let size := returndatasize()
                mstore(reason, size)
                returndatacopy(add(reason, 0x20), 0, size)
                mstore(0x40, and(add(add(reason, size), 0x3f), not(0x1f)))
            }
        }
    }

    /// @notice What the escrow owes `account`, base units of `token`.
    function creditOf(IPaymentChannels escrow, address token, address account) internal view returns (uint256 credit) {
        bytes4 selector = IPaymentChannels.credit.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            mstore(add(free, 0x04), token)
            mstore(add(free, 0x24), account)
            if iszero(staticcall(gas(), escrow, free, 0x44, 0, 0x20)) {
                revert(0, 0)
            }
            credit := mload(0)
        }
    }

    /// @notice Which projects take gifts: bit `id % 256` of word `id / 256`.
    /// @dev A registry that does not answer stops gifts, and nothing else.
    function acceptedBits(IProjectRegistry registry, uint256 wordIndex) internal view returns (uint256 bits) {
        bytes4 selector = IProjectRegistry.acceptedBits.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            mstore(add(free, 0x04), wordIndex)
            let answered := staticcall(gas(), registry, free, 0x24, 0, 0x20)
            if iszero(and(answered, gt(returndatasize(), 0x1f))) {
                revert(0, 0)
            }
            bits := mload(0)
        }
    }

    /// @notice A donor's key and weight; weight 0 when the gate reverts, answers short, runs out of gas or says more than
    /// 10,000.
    /// @dev A caller short of gas is refused: a gate that says less on less gas would have that frozen by a stranger.
    /// A static call: the gate can change nothing. Copies no more than two words of what it returns.
    function checkGate(
        address gate,
        address donor,
        bytes calldata data
    ) internal view returns (bytes32 key, uint256 weightBps) {
        bytes memory request = abi.encodeCall(IEligibilityGate.check, (donor, data));
        require(gasleft() >= GAS_TO_ASK, IDonationPool.NotEnoughGas(GAS_TO_ASK, gasleft()));
        bool answered;
        assembly ("memory-safe") {
            answered := staticcall(GATE_GAS, gate, add(request, 0x20), mload(request), 0x00, 0x40)
            answered := and(answered, gt(returndatasize(), 0x3f))
            key := mload(0x00)
            weightBps := mload(0x20)
        }
        if (!answered || weightBps > QuadraticCount.FULL_WEIGHT) weightBps = 0;
    }
}

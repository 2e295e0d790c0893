// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IEligibilityGate} from "../../../contracts/interfaces/IEligibilityGate.sol";

/// @notice Ann and Ben are one household and count in full with a proof; Cid counts a quarter with it and nearly nothing
/// without; nobody else counts.
contract HouseholdGate is IEligibilityGate {
    address private immutable ann;
    address private immutable ben;
    address private immutable cid;

    constructor(address ann_, address ben_, address cid_) {
        (ann, ben, cid) = (ann_, ben_, cid_);
    }

    function check(address donor, bytes calldata data) external view returns (bytes32 key, uint16 weightBps) {
        bool proven = keccak256(data) == keccak256("proof");
        if (donor == cid) return ("cid", proven ? 2_500 : 1);
        if (donor == ann || donor == ben) return ("household", proven ? 10_000 : 0);
        return ("dot", 0);
    }
}

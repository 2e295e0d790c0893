// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {OpenGate} from "../../../contracts/gates/OpenGate.sol";
import {Assertions} from "../support/Assertions.sol";

contract OpenGateTest is Assertions {
    function testFuzz_GivenAnyDonorAndData_WhenChecked_TheDonorCountsInFullAsItself(
        address donor,
        bytes calldata data
    ) public {
        (bytes32 key, uint16 weightBps) = new OpenGate().check(donor, data);
        assertEq(key, bytes32(uint256(uint160(donor))), "key");
        assertEq(weightBps, 10_000, "weight");
    }
}

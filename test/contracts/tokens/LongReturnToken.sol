// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Moves the money and returns 64 kilobytes, with a first word of the test's choice.
contract LongReturnToken is PlainToken {
    uint256 public firstWord = 1;
    uint256 public size = 65_536;

    function answer(uint256 firstWord_, uint256 size_) external {
        (firstWord, size) = (firstWord_, size_);
    }

    function transfer(address to, uint256 amount) public override returns (bool moved) {
        moved = super.transfer(to, amount);
        reply();
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool moved) {
        moved = super.transferFrom(from, to, amount);
        reply();
    }

    /// @dev Ends the call.
    function reply() private view {
        (uint256 word, uint256 length) = (firstWord, size);
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, word)
            return(data, length)
        }
    }
}

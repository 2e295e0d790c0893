// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice One of each thing that the mutation tool changes.
contract Toy {
    uint256 public total;
    bool private _busy;

    event Added(uint256 amount, uint256 total);

    error TooMuch(uint256 most, uint256 amount);

    modifier guarded() {
        require(!_busy);
        _;
    }

    function add(uint256 amount) external guarded {
        require(amount < 10, TooMuch(10, amount));
        require(total < 20);
        total += amount;
        emit Added(amount, total);
    }

    function low(uint256 word) external view returns (uint256 bits) {
        if (_busy) return word;
        assembly ("memory-safe") {
            bits := and(word, 7)
        }
    }
}

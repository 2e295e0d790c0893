// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

function twice(uint256 amount) pure returns (uint256) {
    return 2 * amount;
}

/// @notice What a mutant's copy of a function has to keep: a constructor, parameters without a name, results with one, overloads.
contract Made {
    uint256 public immutable least;
    bool private _busy;

    constructor(uint256 least_) {
        require(least_ != 0);
        least = least_;
    }

    modifier guarded() {
        require(!_busy);
        _busy = true;
        _;
        _busy = false;
    }

    function pay(uint256 amount, uint256) external payable guarded returns (uint256 paid, bool big) {
        paid = twice(amount);
        big = above(paid, least);
    }

    function above(uint256 amount) public view returns (bool) {
        return above(amount, least);
    }

    function above(uint256 amount, uint256 bound) public pure returns (bool) {
        return amount > bound;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Once armed, calls its target back from within every transfer and keeps what that call gave.
contract ReenteringToken is PlainToken {
    address public target;
    bytes public data;
    bool public succeeded;
    bytes public result;

    function arm(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32,
        bytes calldata
    ) external {
        _transfer(from, to, value);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target != address(0)) (succeeded, result) = target.call(data);
    }
}

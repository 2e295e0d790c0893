// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Takes any authorization, moves nothing, and says that it has arrived.
contract LyingBalanceToken is PlainToken {
    mapping(address account => uint256) private _lies;

    function receiveWithAuthorization(
        address,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32,
        bytes calldata
    ) external {
        _lies[to] += value;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) + _lies[account];
    }
}

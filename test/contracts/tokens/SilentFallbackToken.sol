// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Answers any call that it does not know with success, as WETH does.
contract SilentFallbackToken is PlainToken {
    fallback() external {}
}

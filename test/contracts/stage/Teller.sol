// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";

/// @notice Tells what many accounts have of many tokens, token by token; the zero address is the native coin.
contract Teller {
    function balances(address[] calldata tokens, address[] calldata holders) external view returns (uint256[] memory) {
        return tell(IPaymentChannels(address(0)), tokens, holders);
    }

    function credits(
        IPaymentChannels escrow,
        address[] calldata tokens,
        address[] calldata holders
    ) external view returns (uint256[] memory) {
        return tell(escrow, tokens, holders);
    }

    /// @param escrow Whose credits are asked for; zero asks for balances.
    function tell(
        IPaymentChannels escrow,
        address[] calldata tokens,
        address[] calldata holders
    ) private view returns (uint256[] memory amounts) {
        amounts = new uint256[](tokens.length * holders.length);
        for (uint256 i; i < amounts.length; ++i) {
            (address token, address holder) = (tokens[i / holders.length], holders[i % holders.length]);
            if (address(escrow) != address(0)) amounts[i] = escrow.credit(token, holder);
            else amounts[i] = token == address(0) ? holder.balance : IERC20(token).balanceOf(holder);
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title CountModel
/// @notice One counting step of `QuadraticCount.add`, with checked arithmetic where the contract's is unchecked.
/// `test/contracts/proofs/count.t.sol` holds the two together.
library CountModel {
    /// @param subsidy `R` before; `rootSum`: `S` before; `oldRoot`, `root`: the donor's root before and after.
    function step(
        uint256 subsidy,
        uint256 rootSum,
        uint256 oldRoot,
        uint256 root
    ) internal pure returns (uint256 newSubsidy, uint256 newSum) {
        newSum = rootSum + root - oldRoot;
        newSubsidy = subsidy + 2 * (root - oldRoot) * (rootSum - oldRoot);
    }
}

/// @notice With `squares` the sum of the squares of all donors' roots: `R = S^2 - squares` before a step, and so after it.
contract Count {
    function step(uint96 rootSum, uint192 subsidy, uint192 squares, uint80 oldRoot, uint80 root) external pure {
        require(uint256(subsidy) + squares == uint256(rootSum) * rootSum);
        require(oldRoot <= rootSum); // each root is part of the sum,
        require(uint256(oldRoot) * oldRoot <= squares); // and its square of theirs
        require(oldRoot <= root);
        (uint256 newSubsidy, uint256 newSum) = CountModel.step(subsidy, rootSum, oldRoot, root);
        require(newSum <= type(uint96).max); // else the gift is attributed and not counted
        uint256 newSquares = uint256(squares) - uint256(oldRoot) * oldRoot + uint256(root) * root;

        assert(newSubsidy + newSquares == newSum * newSum);
        assert(newSubsidy >= subsidy);
        assert(newSubsidy < 1 << 192); // it never reaches the flags beside it
        assert(newSum >= rootSum);
        assert(root <= newSum);
        assert(uint256(root) * root <= newSquares);
    }

    /// @notice An integer root never falls when what it is the root of rises, as a donor's total does.
    function roots(uint160 counted, uint160 more, uint80 oldRoot, uint80 root) external pure {
        require(counted <= more);
        require(uint256(oldRoot) * oldRoot <= counted && counted < (uint256(oldRoot) + 1) * (uint256(oldRoot) + 1));
        require(uint256(root) * root <= more && more < (uint256(root) + 1) * (uint256(root) + 1));
        assert(oldRoot <= root);
    }
}

/// @notice The donor's own root multiplied too, so that a lone donor draws matching.
contract BrokenMatchesALoneDonor {
    function step(uint96 rootSum, uint192 subsidy, uint192 squares, uint80 oldRoot, uint80 root) external pure {
        require(uint256(subsidy) + squares == uint256(rootSum) * rootSum);
        require(oldRoot <= rootSum);
        require(uint256(oldRoot) * oldRoot <= squares);
        require(oldRoot <= root);
        uint256 newSum = uint256(rootSum) + root - oldRoot;
        require(newSum <= type(uint96).max);
        uint256 newSubsidy = uint256(subsidy) + 2 * (uint256(root) - oldRoot) * rootSum;
        uint256 newSquares = uint256(squares) - uint256(oldRoot) * oldRoot + uint256(root) * root;
        assert(newSubsidy + newSquares == newSum * newSum);
    }
}

/// @notice Without the bound on `S` an increment reaches the flags beside `R`.
contract BrokenCountsPastTheWidth {
    function step(uint96 rootSum, uint192 subsidy, uint192 squares, uint80 oldRoot, uint80 root) external pure {
        require(uint256(subsidy) + squares == uint256(rootSum) * rootSum);
        require(oldRoot <= rootSum);
        require(uint256(oldRoot) * oldRoot <= squares);
        require(oldRoot <= root);
        (uint256 newSubsidy, ) = CountModel.step(subsidy, rootSum, oldRoot, root);
        assert(newSubsidy < 1 << 192);
    }
}

contract BrokenRootsFall {
    function roots(uint160 counted, uint160 more, uint80 oldRoot, uint80 root) external pure {
        require(counted <= more);
        require(uint256(oldRoot) * oldRoot <= counted);
        require(uint256(root) * root <= more && more < (uint256(root) + 2) * (uint256(root) + 2));
        assert(oldRoot <= root);
    }
}

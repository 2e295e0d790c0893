// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice Code of an account that acts, is paid and is asked about signatures, as a stage has told it to.
contract Actor is IERC1271 {
    /// @dev Burns nothing to find out: a receiver that refuses early gives the rest of its gas back.
    error Hungry(uint256 appetite, uint256 gasGiven);

    /// @notice Whose signatures it stands by; nobody's at first.
    address public key;

    /// @notice Gas without which it refuses the native coin.
    uint256 public appetite;

    function rotate(address key_) external {
        key = key_;
    }

    function crave(uint256 appetite_) external {
        appetite = appetite_;
    }

    /// @param data 32 bytes of coins to send along, then the call's.
    function act(address to, bytes calldata data) external returns (bool ok, bytes memory answer) {
        (ok, answer) = to.call{value: uint256(bytes32(data))}(data[32:]);
    }

    /// @dev A signature is 65 bytes, with anything behind them.
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (signature.length < 65) return 0xffffffff;
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature[:65]);
        return signer != address(0) && signer == key ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    receive() external payable {
        require(gasleft() >= appetite, Hungry(appetite, gasleft()));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {Base} from "./Base.t.sol";

/// @notice The canonical Permit2 at its address, approved by the payer, and what the payer signs for it.
abstract contract Permit2Base is Base {
    address internal constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;
    string private constant SOURCE = "node_modules/@uniswap/v4-periphery/lib/permit2/test/utils/DeployPermit2.sol";

    /// @dev The code in the package was made on the simulator's chain for another address. On every other chain it computes its
    /// domain from where it stands, so these tests are on another.
    function setUp() public virtual override {
        super.setUp();
        fork(10);
        string[] memory parts = vm.split(vm.readFile(SOURCE), 'hex"');
        assertEq(parts.length, 2, "parts of the file, before the code and from it on");
        vm.etch(PERMIT2, vm.parseBytes(string.concat("0x", vm.split(parts[1], '"')[0])));
        approvePermit2(plain, payer);
    }

    function approvePermit2(PlainToken token, address owner) internal returns (address) {
        if (token.balanceOf(owner) == 0) token.mint(owner, type(uint128).max);
        vm.prank(owner);
        token.approve(PERMIT2, type(uint256).max);
        return address(token);
    }

    /// @dev What a payer signs to open a channel with `deposit`.
    function openPermitHash(
        IPaymentChannels.Channel memory channel,
        uint128 deposit,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (bytes32) {
        bytes32 witness = keccak256(
            abi.encode(keccak256(bytes(TypedData.OPEN_WITNESS)), channel.payee, channel.salt, channel.authorizedSigner)
        );
        string memory permitType = TypedData.permitType("ChannelOpenWitness", TypedData.OPEN_WITNESS);
        return permitHash(permitType, channel.token, deposit, nonce, deadline, witness);
    }

    /// @dev What a payer signs to add `addition` to a channel.
    function topUpPermitHash(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (bytes32) {
        bytes32 witness = keccak256(abi.encode(keccak256(bytes(TypedData.TOP_UP_WITNESS)), idOf(channel)));
        string memory permitType = TypedData.permitType("ChannelTopUpWitness", TypedData.TOP_UP_WITNESS);
        return permitHash(permitType, channel.token, addition, nonce, deadline, witness);
    }

    function permitHash(
        string memory permitType,
        address token,
        uint256 amount,
        uint256 nonce,
        uint256 deadline,
        bytes32 witness
    ) private view returns (bytes32) {
        bytes32 permitted = keccak256(abi.encode(keccak256(bytes(TypedData.TOKEN_PERMISSIONS)), token, amount));
        bytes32 structHash = keccak256(
            abi.encode(keccak256(bytes(permitType)), permitted, address(channels), nonce, deadline, witness)
        );
        bytes32 separator = keccak256(
            abi.encode(keccak256(bytes(TypedData.PERMIT2_DOMAIN)), keccak256("Permit2"), chain, PERMIT2)
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}

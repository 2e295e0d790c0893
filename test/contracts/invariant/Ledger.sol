// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";
import {Permit2Base} from "../PaymentChannels/Permit2Base.t.sol";
import {AuthorizationToken} from "../tokens/AuthorizationToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";

/// @notice What the world should look like, kept beside the escrow: the ghost store of the invariants.
abstract contract Ledger is Permit2Base {
    /// @param signed Highest amount that the channel's signer has signed.
    /// @param deposits Everything the payer put in.
    /// @param settled Highest `settled` ever read.
    /// @param requestedAt Pending close, 0 for none.
    /// @param ended Whether the channel was seen closed.
    struct Ghost {
        uint128 signed;
        uint256 deposits;
        uint256 settled;
        uint256 requestedAt;
        bool ended;
    }

    IPaymentChannels.Channel[] internal made;
    mapping(bytes32 channelId => Ghost) internal ghosts;
    mapping(address token => uint256) internal gifts;
    mapping(address token => mapping(address account => uint256)) internal earned;

    /// @dev The native coin, a plain token, and one with EIP-3009.
    address[3] internal tokens;
    address[3] internal payees;

    function setUp() public virtual override {
        super.setUp();
        PlainToken authorizing = PlainToken(address(new AuthorizationToken()));
        tokens = [NATIVE, address(plain), funded(authorizing)];
        approvePermit2(authorizing, payer);
        payees = [payee, stranger, address(new RevertingReceiver())];
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < tokens.length; ++j) {
                create(tokens[j], payees[i], DEPOSIT);
            }
        }
    }

    function create(address token, address to, uint128 deposit) internal {
        IPaymentChannels.Channel memory channel = describe(token);
        channel.payee = to;
        openAs(channel, deposit);
        record(channel, deposit);
    }

    function record(IPaymentChannels.Channel memory channel, uint128 deposit) internal {
        made.push(channel);
        ghosts[idOf(channel)].deposits = deposit;
    }

    function live(uint256 seed) internal view returns (bool found, IPaymentChannels.Channel memory channel) {
        for (uint256 i; i < made.length; ++i) {
            channel = made[addmod(seed, i, made.length)];
            if (!channels.getChannel(idOf(channel)).finalized) return (true, channel);
        }
    }
}

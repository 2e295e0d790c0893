// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";

/// @notice Everything that a round stores and that its people hold, as words in a row, by the views that anyone has.
contract RoundReader {
    struct Watched {
        IDonationPool pool;
        uint256[] projects;
        bytes32[] channels;
        bytes32[] donations;
        address[] donors;
        bytes30[] keys;
        address[] holders;
    }

    struct Words {
        uint256[] list;
        uint256 count;
    }

    function read(Watched calldata watched) external view returns (uint256[] memory list) {
        Words memory words = Words(new uint256[](400), 0);
        readRound(words, watched.pool);
        readProjects(words, watched);
        readLines(words, watched);
        readDonors(words, watched);
        list = words.list;
        uint256 count = words.count;
        assembly ("memory-safe") {
            mstore(list, count)
        }
    }

    function readRound(Words memory words, IDonationPool pool) private view {
        IPaymentChannels escrow = pool.channels();
        IDonationPool.Terms memory terms = pool.terms();
        IERC20 token = IERC20(terms.token);
        push(words, uint256(pool.status()));
        push(words, token.balanceOf(address(pool)));
        push(words, token.balanceOf(address(escrow)));
        push(words, escrow.credit(terms.token, address(pool)));
        push(words, IProjectRegistry(terms.registry).acceptedBits(0));
        IDonationPool.Settlement memory settlement = pool.settlement();
        push(words, settlement.numerator);
        push(words, settlement.denominator);
        push(words, settlement.unused);
        push(words, pool.pot());
        uint256 receipts = pool.receiptCount();
        push(words, receipts);
        for (uint256 i; i < receipts; ++i) {
            IDonationPool.Receipt memory receipt = pool.getReceipt(i);
            push(words, uint160(receipt.sponsor));
            push(words, receipt.refunded ? 1 : 0);
            push(words, receipt.prefix);
            push(words, receipt.deposit);
        }
        uint256[] memory projects = pool.projects();
        push(words, projects.length);
        for (uint256 i; i < projects.length; ++i) {
            push(words, projects[i]);
        }
    }

    function readProjects(Words memory words, Watched calldata watched) private view {
        uint256 total;
        for (uint256 i; i < watched.projects.length; ++i) {
            IDonationPool.ProjectState memory project = watched.pool.getProject(watched.projects[i]);
            push(words, project.gifts);
            push(words, project.paid);
            push(words, project.rootSum);
            push(words, project.subsidy);
            push(words, project.donors);
            push(words, project.admitted ? 1 : 0);
            push(words, project.disqualified ? 1 : 0);
            push(words, watched.pool.matchOf(watched.projects[i]));
            if (!project.disqualified) total += project.subsidy;
        }
        push(words, total);
    }

    function readLines(Words memory words, Watched calldata watched) private view {
        IPaymentChannels.ChannelState[] memory states = watched.pool.channels().getChannels(watched.channels);
        for (uint256 i; i < states.length; ++i) {
            push(words, uint256(watched.pool.giftsHash(watched.channels[i])));
            push(words, states[i].deposit);
            push(words, states[i].settled);
            push(words, states[i].closeRequestedAt);
            push(words, states[i].finalized ? 1 : 0);
        }
        for (uint256 i; i < watched.donations.length; ++i) {
            push(words, uint256(watched.pool.giftsHash(watched.donations[i])));
        }
    }

    function readDonors(Words memory words, Watched calldata watched) private view {
        for (uint256 i; i < watched.donors.length; ++i) {
            (bytes30 keyId, uint16 weightBps) = watched.pool.standingOf(watched.donors[i]);
            push(words, uint240(keyId));
            push(words, weightBps);
        }
        for (uint256 i; i < watched.keys.length; ++i) {
            for (uint256 j; j < watched.projects.length; ++j) {
                (uint112 weighted, uint80 root) = watched.pool.voiceOf(watched.keys[i], watched.projects[j]);
                push(words, weighted);
                push(words, root);
            }
        }
        IERC20 token = IERC20(watched.pool.terms().token);
        for (uint256 i; i < watched.holders.length; ++i) {
            push(words, token.balanceOf(watched.holders[i]));
        }
    }

    function push(Words memory words, uint256 word) private pure {
        words.list[words.count++] = word;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ChannelRoles} from "./ChannelRoles.sol";
import {Chaos} from "./Chaos.sol";
import {DonorRoles} from "./DonorRoles.sol";
import {RoundRoles} from "./RoundRoles.sol";
import {WrongTimes} from "./WrongTimes.sol";

/// @notice Whom the fuzzer may call.
abstract contract Handlers {
    /// @dev Who collects, settles and lets time pass comes along more often.
    function handlers() internal pure returns (bytes4[] memory selectors) {
        bytes4[42] memory all = [
            ChannelRoles.payerOpens.selector,
            ChannelRoles.payerTopsUp.selector,
            ChannelRoles.relayerOpens.selector,
            ChannelRoles.relayerTopsUp.selector,
            ChannelRoles.payerAsksToLeave.selector,
            ChannelRoles.payeeCloses.selector,
            ChannelRoles.payeeClosesMany.selector,
            ChannelRoles.keeperSettles.selector,
            ChannelRoles.keeperSettles.selector,
            ChannelRoles.keeperSettlesTicks.selector,
            ChannelRoles.keeperSettlesMany.selector,
            ChannelRoles.keeperFinishesAnExit.selector,
            ChannelRoles.receiverTakesItsCredit.selector,
            ChannelRoles.outsiderGives.selector,
            DonorRoles.donorOpens.selector,
            DonorRoles.collectorCollects.selector,
            DonorRoles.collectorCollects.selector,
            DonorRoles.collectorCollectsMany.selector,
            DonorRoles.closerClosesALine.selector,
            DonorRoles.anyoneClosesALine.selector,
            DonorRoles.donorTakesBack.selector,
            DonorRoles.donorDonates.selector,
            RoundRoles.sponsorPays.selector,
            RoundRoles.sponsorTakesBack.selector,
            RoundRoles.stewardsAdmit.selector,
            RoundRoles.stewardsSuspendOrReinstate.selector,
            RoundRoles.stewardsDisqualify.selector,
            RoundRoles.stewardsCancel.selector,
            RoundRoles.managerChangesPayout.selector,
            RoundRoles.managerLeaves.selector,
            RoundRoles.anyoneSettlesARound.selector,
            RoundRoles.anyoneSwitchesARound.selector,
            RoundRoles.projectClaims.selector,
            RoundRoles.administratorActs.selector,
            RoundRoles.gateAnswersAnew.selector,
            RoundRoles.hoursPass.selector,
            RoundRoles.daysPass.selector,
            RoundRoles.timeReachesAnEdge.selector,
            Chaos.chaosOnTheEscrow.selector,
            Chaos.chaosOnARound.selector,
            WrongTimes.chaosByChannelRoles.selector,
            WrongTimes.chaosByRoundRoles.selector
        ];
        selectors = new bytes4[](all.length + 2);
        for (uint256 i; i < all.length; ++i) {
            selectors[i] = all[i];
        }
        selectors[all.length] = Chaos.chaosOnTheRegistry.selector;
        selectors[all.length + 1] = WrongTimes.chaosAtAnEdge.selector;
    }
}

package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a launch whose outcome is decided. It reports and writes down what the launch has learned, and closes what
 * the launch has open.
 */
final class Completion {

    private final ProfilePorts ports;
    private final Journal journal;
    private final Delivery delivery;
    private final LaunchLockRequest launchLock;
    private final Consent consent;
    private final ReportBuilder reports;
    private final Runnable release;

    /**
     * Creates the end of one launch.
     *
     * @param release closes everything that the launch has open, except its launch lock
     */
    Completion(
            ProfilePorts ports,
            Journal journal,
            Delivery delivery,
            LaunchLockRequest launchLock,
            Consent consent,
            ReportBuilder reports,
            Runnable release) {
        this.ports = ports;
        this.journal = journal;
        this.delivery = delivery;
        this.launchLock = launchLock;
        this.consent = consent;
        this.reports = reports;
        this.release = release;
    }

    /**
     * Ends the launch with this outcome. Never throws; what breaks here is in the report, as long as the report is not
     * made yet.
     */
    EndedLaunch as(Outcome outcome) {
        boolean ready = outcome == Outcome.READY && delivery.isAwaited();
        ReportBuilder.LastLook look = reports.lastLook(outcome);
        LaunchLock.Hold had = launchLock.hold();
        LateRelease hold = ready && had != null ? new LateRelease(had) : null;
        List<String> unwritten = new ArrayList<>(journal.faults());
        unwritten.add("the file system of the profile does not answer, so this launch is not in its history yet");
        delivery.decided(new EndedLaunch(reports.report(outcome, look, unwritten), hold));
        if (launchLock.soleLauncher() instanceof Observation.Seen && !delivery.isAbandoned()) {
            journal.quietly(() -> remember(ready, look));
        }
        // Do this last: until then, a launch that takes over from this one learns from the consent which process to
        // look for.
        if (consent.isClaimed() && (ready || (journal.faults().isEmpty() && !reports.consentCouldNotBeJudged()))) {
            journal.quietly(consent::discardClaim);
        }
        delivery.written();
        if (hold != null) {
            hold.written();
        }
        LaunchReport report = reports.report(outcome, look, journal.faults());
        release.run();
        boolean delivered = delivery.ended(report);
        if (had != null && !(ready && delivered)) {
            had.close();
            hold = null;
        }
        return new EndedLaunch(report, hold);
    }

    /** Records the instance that was let through, or the processes that are still in the way of the next launch. */
    private void remember(boolean ready, ReportBuilder.LastLook look) {
        InstanceRecorder recorder = new InstanceRecorder(ports);
        if (ready) {
            recorder.letThrough();
        } else if (!look.survivors().isEmpty() && !look.survivorsAreRecorded()) {
            recorder.survived(look.survivors(), reports.whoseSurvivors(), look.holderExited());
        }
    }
}

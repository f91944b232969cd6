package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.consent.ConsentStage;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.successor.Successor;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.BooleanSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The wait of the outgoing process until a launcher has claimed its consent, the successor has ended, or the time is
 * up. Unless a launcher has claimed the consent, this class withdraws it then. The marker's file alone decides whether
 * a launcher claimed it: the file can be renamed or deleted, but not both.
 */
final class ClaimWait {

    private static final Log logger = LogFactory.getLog(ClaimWait.class);

    private final ProfilePorts ports;
    private final String nonce;
    private final Duration longest;
    private final BlockingQueue<Boolean> changes = new ArrayBlockingQueue<>(1);

    ClaimWait(ProfilePorts ports, String nonce, Duration longest) {
        this.ports = ports;
        this.nonce = nonce;
        this.longest = longest;
    }

    /** Waits for a successor that this process has started. */
    HandoffResult await(Successor successor) {
        return await(Optional.of(successor));
    }

    /** Waits for a successor that another process starts. This process cannot see whether that successor ends. */
    HandoffResult await() {
        return await(Optional.empty());
    }

    private HandoffResult await(Optional<Successor> started) {
        Observation<Long> successor = started.map(process -> Observation.seen(process.pid()))
                .orElse(Observation.unknown("another program starts it"));
        long until = ports.clock().nanoTime() + longest.toNanos();
        String reason = "it was not seen within %s".formatted(longest);
        Observation<PinnedProcess> pin = Observation.unknown("it was not looked for");
        try (Watch watch = ports.lock().watch(this::changed)) {
            pin = successor.flatMap(ports.processes()::pin);
            pin.toOptional().ifPresent(process -> process.onExit(this::changed));
            boolean isTimeLeft = true;
            while (isTimeLeft) {
                if (started.isPresent() && hasEnded(pin)) {
                    return ended(started.get());
                }
                if (isClaimed()) {
                    return new HandoffResult.Claimed(successor);
                }
                isTimeLeft = ports.clock().poll(changes, until) != null
                        && until - ports.clock().nanoTime() > 0;
            }
        } catch (InterruptedException | RuntimeException | LinkageError e) {
            reason = "it cannot be waited for: " + e;
        } finally {
            pin.toOptional().ifPresent(PinnedProcess::close);
        }
        return takenBack(
                ConsentStage.WRITTEN,
                new HandoffResult.NotClaimed(
                        successor, reason, started.map(Successor::errors).orElse("")),
                successor);
    }

    /**
     * Waits on after the claim, until the successor has asked this process to end, or has ended.
     *
     * @param closing whether this process has begun to close, so that there is nothing to wait for any more; see
     *     {@link #changed}
     * @return whether the successor has ended, and may not have asked before
     */
    boolean endsBeforeItAsks(Successor successor, BooleanSupplier closing) {
        long until = ports.clock().nanoTime() + longest.toNanos();
        Observation<PinnedProcess> pin = Observation.unknown("it was not looked for");
        try (Watch watch = ports.lock().watch(this::changed)) {
            pin = ports.processes().pin(successor.pid());
            pin.toOptional().ifPresent(process -> process.onExit(this::changed));
            boolean isTimeLeft = true;
            while (isTimeLeft && !closing.getAsBoolean() && isNotAskedYet()) {
                if (hasEnded(pin)) {
                    return true;
                }
                isTimeLeft = ports.clock().poll(changes, until) != null
                        && until - ports.clock().nanoTime() > 0;
            }
        } catch (InterruptedException | RuntimeException | LinkageError e) {
            logger.debug("It is not seen whether the successor ends before it asks", e);
        } finally {
            pin.toOptional().ifPresent(PinnedProcess::close);
        }
        return false;
    }

    /** Withdraws the consent because there is no successor, and returns the result. */
    HandoffResult notStarted(String reason) {
        HandoffResult failure = new HandoffResult.NotStarted(reason);
        try {
            ports.markers().withdraw(nonce);
            return failure;
        } catch (IOException | RuntimeException | Error e) {
            return new HandoffResult.ConsentMayStand(failure, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Withdraws the consent after the successor has ended, and returns the result. This withdraws a claimed consent
     * too, but not one with which a launcher has already asked this process to end.
     */
    HandoffResult ended(Successor successor) {
        return takenBack(
                ConsentStage.CLAIMED,
                new HandoffResult.Ended(successor.pid(), successor.exitCode(), successor.errors()),
                Observation.seen(successor.pid()));
    }

    private HandoffResult takenBack(ConsentStage last, HandoffResult failure, Observation<Long> successor) {
        try {
            return ports.markers().withdrawUpTo(nonce, last) == ConsentStage.GONE
                    ? failure
                    : new HandoffResult.Claimed(successor);
        } catch (IOException | RuntimeException e) {
            return new HandoffResult.ConsentMayStand(failure, String.valueOf(e.getMessage()));
        }
    }

    private static boolean hasEnded(Observation<PinnedProcess> successor) {
        return successor instanceof Observation.Absent
                || successor.toOptional().filter(PinnedProcess::hasExited).isPresent();
    }

    private boolean isNotAskedYet() {
        try {
            return ports.markers().stage(nonce) == ConsentStage.CLAIMED;
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * Returns whether a launcher has claimed the consent; false also if the stage cannot be read. In that case the
     * caller reads it again at the next change, and at the end.
     */
    private boolean isClaimed() {
        try {
            ConsentStage stage = ports.markers().stage(nonce);
            return stage == ConsentStage.CLAIMED || stage == ConsentStage.ASKED;
        } catch (IOException e) {
            return false;
        }
    }

    /** Wakes the waiting thread, which then looks whether something has changed. */
    void changed() {
        changes.offer(true);
    }
}

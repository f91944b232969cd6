package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** This launcher's request for the launch lock. It shows whether another launcher is at work on the profile. */
final class LaunchLockRequest {

    private final LaunchLock lock;
    private final Mailbox mailbox;
    private final Duration longestWait;
    private final Journal journal;
    private final AtomicReference<@Nullable Observation<LaunchLock.Hold>> reply = new AtomicReference<>();

    private Observation<String> soleLauncher = Observation.unknown("the guard has not requested the launch lock");
    private @Nullable Watch waiting;
    private long waitEnds;
    private boolean queued;

    LaunchLockRequest(LaunchLock lock, Mailbox mailbox, Duration longestWait, Journal journal) {
        this.lock = lock;
        this.mailbox = mailbox;
        this.longestWait = longestWait;
        this.journal = journal;
    }

    /** Requests the lock. The answer counts as a change. */
    void make() {
        waitEnds = mailbox.nanoTime() + longestWait.toNanos();
        waiting = lock.request(answer -> {
            reply.set(answer);
            mailbox.postChange();
        });
        queued = true;
    }

    /** Returns how much longer another launcher may take, counted from the request. */
    Duration waitLeft() {
        return Duration.ofNanos(Math.max(0, waitEnds - mailbox.nanoTime()));
    }

    boolean isDecided() {
        Observation<LaunchLock.Hold> answer = reply.get();
        if (answer == null) {
            return false;
        }
        soleLauncher = answer.map(hold -> "this launcher holds the launch lock");
        return true;
    }

    /** Notes that another launcher has taken too long. */
    void giveUp() {
        stopWaiting();
        if (!isDecided()) {
            soleLauncher = Observation.absent("another launcher is at work on the profile");
        }
    }

    /**
     * Returns whether this is the sole launcher: seen if this launcher holds the lock, absent if another launcher is at
     * work.
     */
    Observation<String> soleLauncher() {
        return soleLauncher;
    }

    boolean anotherIsAtWork() {
        return soleLauncher instanceof Observation.Absent;
    }

    /**
     * Returns whether another launcher is known to be at work, also after the launch broke before it had an answer to
     * its request. In that case this asks the lock itself. If the lock cannot tell, a request that was accepted and not
     * granted counts as waiting for another launcher. Without such a request the lock itself is broken, which stops no
     * launch.
     */
    boolean anotherIsKnownToBeAtWork() {
        if (soleLauncher instanceof Observation.Unknown && !isDecided()) {
            Observation<String> asked = journal.ask(lock::probe, soleLauncher);
            if (asked instanceof Observation.Absent || (queued && asked instanceof Observation.Unknown)) {
                soleLauncher = Observation.absent("another launcher is at work on the profile");
            }
        }
        return anotherIsAtWork();
    }

    /** Returns the process that has the lock, if that can be determined. */
    Observation<Long> owner() {
        return journal.ask(lock::owner, Observation.unknown("the guard cannot tell which process has the launch lock"));
    }

    /** Returns the file that is in the way of the lock itself, if the lock is broken and a file is the cause. */
    Optional<Path> obstacle() {
        return soleLauncher instanceof Observation.Unknown ? lock.obstacle() : Optional.empty();
    }

    /** Returns the lock, which the caller closes; null if it was not granted. */
    LaunchLock.@Nullable Hold hold() {
        Observation<LaunchLock.Hold> answer = reply.get();
        return answer == null ? null : answer.toOptional().orElse(null);
    }

    void stopWaiting() {
        Watch request = waiting;
        waiting = null;
        if (request != null) {
            request.close();
        }
    }
}

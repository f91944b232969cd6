package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** This launcher's request for the launch lock, and what it shows: whether another launcher is at work on the profile. */
final class LaunchLockRequest {

    private final LaunchLock lock;
    private final Mailbox mailbox;
    private final Duration longestWait;
    private final Journal journal;
    private final AtomicReference<@Nullable Observation<LaunchLock.Hold>> reply = new AtomicReference<>();

    private Observation<String> soleLauncher = Observation.unknown("the launch lock was not asked for");
    private @Nullable Watch waiting;
    private long waitEnds;
    private boolean queued;

    LaunchLockRequest(LaunchLock lock, Mailbox mailbox, Duration longestWait, Journal journal) {
        this.lock = lock;
        this.mailbox = mailbox;
        this.longestWait = longestWait;
        this.journal = journal;
    }

    /** Asks for the lock; that it is answered is a change. */
    void make() {
        waitEnds = mailbox.nanoTime() + longestWait.toNanos();
        waiting = lock.request(answer -> {
            reply.set(answer);
            mailbox.postChange();
        });
        queued = true;
    }

    /** How much longer another launcher may take, counted from the request. */
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

    /** Another launcher has taken too long. */
    void giveUp() {
        stopWaiting();
        if (!isDecided()) {
            soleLauncher = Observation.absent("another launcher is at work on the profile");
        }
    }

    /** Seen if this launcher holds the lock, absent if another is at work. */
    Observation<String> soleLauncher() {
        return soleLauncher;
    }

    boolean anotherIsAtWork() {
        return soleLauncher instanceof Observation.Absent;
    }

    /**
     * The same where the launch broke before it had an answer to its request: the lock itself is asked. If it cannot tell, a
     * request that was accepted and not granted is taken to wait for another launcher; without one it is the lock that is
     * broken, which stops no launch.
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

    /** The process that has the lock, if that can be told. */
    Observation<Long> owner() {
        return journal.ask(lock::owner, Observation.unknown("the launch lock cannot be asked"));
    }

    /** What is in the way of the lock itself, if it is broken and a file is the cause. */
    Optional<Path> obstacle() {
        return soleLauncher instanceof Observation.Unknown ? lock.obstacle() : Optional.empty();
    }

    /** The lock, to be closed by whoever takes it; null if it was not granted. */
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

package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.lifecycle.LifecycleEvent;
import java.time.Duration;

/**
 * The state that waits until no live process holds the cache. The cache is free under three conditions. There is no
 * lock, or a lock that is provably stale and could be removed. No helper of an ended holder still has files of the
 * profile open. A consenting process that has already released its lock has had its time to exit. The wait is shorter
 * for a process that did not consent, unless that process says that it is closing.
 */
final class Preflight extends Stage {

    private final LaunchPolicy policy;
    private final LaunchLockRequest launchLock;
    private final Consent consent;
    private final HolderControl holder;
    private final ProfileCache cache;
    private final Closing closing;
    private final Journal journal;
    private boolean hasBeenFree;
    private long ends;

    Preflight(
            Mailbox mailbox,
            LaunchPolicy policy,
            LaunchLockRequest launchLock,
            Consent consent,
            HolderControl holder,
            ProfileCache cache,
            Closing closing,
            Journal journal) {
        super(mailbox);
        this.policy = policy;
        this.launchLock = launchLock;
        this.consent = consent;
        this.holder = holder;
        this.cache = cache;
        this.closing = closing;
        this.journal = journal;
    }

    @Override
    void enter() {
        if (hasBeenFree) {
            // The cache was taken again since, or another launcher has come: look once more before the launch is held.
            cache.watch();
            mailbox.waitAtMost(Duration.ZERO);
            return;
        }
        if (launchLock.anotherIsKnownToBeAtWork()) {
            mailbox.raise(LifecycleEvent.WAIT_ELAPSED);
            return;
        }
        ends = mailbox.nanoTime() + policy.cacheRelease().toNanos();
        mailbox.waitAtMost(firstWait());
        if (!takeIfFree(false)) {
            cache.watch();
            takeIfFree(false);
        }
    }

    @Override
    void changed() {
        takeIfFree(false);
    }

    @Override
    void elapsed() {
        if (takeIfFree(true)) {
            return;
        }
        Duration wait = closingWait();
        if (wait.isZero()) {
            mailbox.raise(LifecycleEvent.WAIT_ELAPSED);
        } else {
            journal.waitsForClosing();
            mailbox.waitAtMost(wait);
        }
    }

    @Override
    void broken() {
        cache.lookAgainAfterFault();
    }

    private boolean takeIfFree(boolean last) {
        holder.resumeHelpers();
        boolean free = cache.isFree(!last);
        if (free) {
            hasBeenFree = true;
            mailbox.raise(LifecycleEvent.CACHE_FREE);
        }
        return free;
    }

    /** Returns how long to wait for the cache at first. The wait is short for a process that has not consented. */
    private Duration firstWait() {
        return consent.marker() instanceof MarkerReading.Absent
                        && policy.unconsentedWait().compareTo(policy.cacheRelease()) < 0
                ? policy.unconsentedWait()
                : policy.cacheRelease();
    }

    /**
     * Returns how much longer the holder of the cache may take because it is closing. The time that a launch waits for
     * the cache at all bounds it.
     */
    private Duration closingWait() {
        Duration left = closing.left(cache.lockHolder());
        Duration bound = Duration.ofNanos(Math.max(0, ends - mailbox.nanoTime()));
        return left.compareTo(bound) < 0 ? left : bound;
    }
}

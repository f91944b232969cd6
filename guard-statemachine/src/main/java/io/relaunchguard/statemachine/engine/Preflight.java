package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.lifecycle.LaunchEvent;
import java.time.Duration;

/**
 * Waits until nobody live holds the cache. That is: no lock, or one that is provably stale and could be removed; no helper
 * of an ended holder with files of the profile still open; and a consenting process that has already let go of its lock has
 * had its time to exit. Whoever did not consent is not waited for as long, unless it says that it is closing.
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
            // Taken again since, or another launcher has come: it is looked at once more before the launch is held.
            cache.watch();
            mailbox.waitAtMost(Duration.ZERO);
            return;
        }
        if (launchLock.anotherIsKnownToBeAtWork()) {
            mailbox.raise(LaunchEvent.WAIT_ELAPSED);
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
            mailbox.raise(LaunchEvent.WAIT_ELAPSED);
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
            mailbox.raise(LaunchEvent.CACHE_FREE);
        }
        return free;
    }

    /** How long to wait for the cache at first: not long for somebody whom nobody asked to go. */
    private Duration firstWait() {
        return consent.marker() instanceof MarkerReading.Absent
                        && policy.unconsentedWait().compareTo(policy.cacheRelease()) < 0
                ? policy.unconsentedWait()
                : policy.cacheRelease();
    }

    /** How much longer whoever holds the cache may take because it is closing, within what a launch waits for the cache at all. */
    private Duration closingWait() {
        Duration left = closing.left(cache.lockHolder());
        Duration bound = Duration.ofNanos(Math.max(0, ends - mailbox.nanoTime()));
        return left.compareTo(bound) < 0 ? left : bound;
    }
}

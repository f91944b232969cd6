package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.LockStore;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.CacheFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The processes that may use the profile's cache at the end of a launch, and the removal of a lock that is provably
 * stale.
 */
final class ProfileCache {

    private final LockStore lock;
    private final CacheProbe probe;
    private final LaunchLockRequest launchLock;
    private final HolderControl holder;
    private final Departing departing;
    private final Journal journal;
    private final Delivery delivery;
    private final Runnable onChange;

    private final List<Watch> watches = new ArrayList<>();
    private CacheFacts facts = CacheFacts.NONE;
    private @Nullable CacheStatus status;
    private CacheStatus.@Nullable Stale removedLock;

    /**
     * Creates the object without looking at the cache yet.
     *
     * @param delivery says whether the launch was abandoned; an abandoned launch removes no lock
     * @param onChange called, from another thread, when something in the profile changes
     */
    ProfileCache(
            LockStore lock,
            CacheProbe probe,
            LaunchLockRequest launchLock,
            HolderControl holder,
            Departing departing,
            Journal journal,
            Delivery delivery,
            Runnable onChange) {
        this.lock = lock;
        this.probe = probe;
        this.launchLock = launchLock;
        this.holder = holder;
        this.departing = departing;
        this.journal = journal;
        this.delivery = delivery;
        this.onChange = onChange;
    }

    /** Watches the profile and reports changes from here on, if the profile can be watched. */
    void watch() {
        try {
            watches.add(lock.watch(onChange));
        } catch (RuntimeException | LinkageError e) {
            journal.broke(e);
        }
    }

    void closeWatches() {
        watches.forEach(Watch::close);
        watches.clear();
    }

    /**
     * Looks which process may use the cache, after removing a lock that is provably stale. Stops at the first process
     * that may use it.
     *
     * @param departingHasTime whether the process that consented may take its time to exit, whatever it has open
     * @return whether no process may use it
     */
    boolean isFree(boolean departingHasTime) {
        facts = CacheFacts.NONE;
        CacheStatus seen = lookAndRemoveStaleLock();
        status = seen;
        facts = usersBeside(seen, departingHasTime);
        return facts.showNobody();
    }

    /**
     * Looks again after something broke, which may have been what was seen. Removes nothing. What cannot be determined
     * shows nothing.
     */
    void lookAgainAfterFault() {
        facts = CacheFacts.NONE;
        try {
            boolean toLook = !launchLock.anotherIsKnownToBeAtWork();
            facts = usersBeside(toLook ? probe.look() : CacheFacts.NONE.cache(), false);
        } catch (Throwable t) {
            journal.broke(t);
        }
    }

    /** Forgets what was seen before, because something broke. */
    void forget() {
        facts = CacheFacts.NONE;
        status = null;
    }

    /** Returns what the last look has shown. */
    CacheFacts facts() {
        return facts;
    }

    /** Returns which process had the cache at the last look, unless something broke since. */
    Optional<CacheStatus> status() {
        return Optional.ofNullable(status);
    }

    /** Returns the lock that was removed. */
    Optional<CacheStatus.Stale> removedLock() {
        return Optional.ofNullable(removedLock);
    }

    /** Returns which process had the lock at the last look. */
    Observation<ProcessIdentity> lockHolder() {
        return probe.holder();
    }

    private CacheFacts usersBeside(CacheStatus seen, boolean departingHasTime) {
        Observation<Boolean> byHelpers = CacheFacts.NONE.usedByHelpers();
        Observation<Boolean> byDeparting = CacheFacts.NONE.usedByDeparting();
        if (seen instanceof CacheStatus.Free) {
            byHelpers = Observation.seen(!holder.helpersAreGone());
        }
        if (byHelpers.is(false)) {
            byDeparting = Observation.seen((departingHasTime && departing.isAlive()) || departing.mayUseTheProfile());
        }
        if (byDeparting.is(false)) {
            launchLock.anotherIsKnownToBeAtWork();
        }
        return new CacheFacts(launchLock.soleLauncher(), seen, byHelpers, byDeparting);
    }

    /** Looks at the lock, and removes it if it is stale and this is the only launcher. */
    private CacheStatus lookAndRemoveStaleLock() {
        boolean isSole = launchLock.soleLauncher() instanceof Observation.Seen;
        CacheStatus seen = probe.look();
        if (seen instanceof CacheStatus.Stale stale && isSole && !delivery.isAbandoned() && lock.remove(stale.lock())) {
            removedLock = stale;
            seen = probe.look();
        }
        return seen instanceof CacheStatus.Stale stale && !isSole
                ? new CacheStatus.Uncertain("the lock is stale (%s), but is not removed without the launch lock: %s"
                        .formatted(stale.proof(), launchLock.soleLauncher().shortfall()))
                : seen;
    }
}

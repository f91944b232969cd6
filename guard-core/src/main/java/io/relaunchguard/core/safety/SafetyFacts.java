package io.relaunchguard.core.safety;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Duration;

/**
 * The facts that the predicates judge, all of one moment. They are read in this order: the lock, then the process
 * handle, then the holder through the handle, then the lock and the marker again.
 *
 * @param soleLauncher seen if this launcher has the launch lock, absent if another one does
 * @param host this host and the launcher on it
 * @param sinceBoot the time since boot, sleep included
 * @param profile the identity of the profile directory
 * @param namedBy what names the holder
 * @param lock the lock before pinning; if the instance record names the holder, what its lock would say
 * @param pin the PID under which the holder was pinned
 * @param holder the holder as observed through the process handle
 * @param lockAfterPin the lock after pinning
 * @param otherInstance a live process that the instance record names and the lock does not
 * @param marker the marker after pinning
 * @param maxMarkerAge the maximum age of a marker
 */
public record SafetyFacts(
        Observation<String> soleLauncher,
        HostIdentity host,
        Observation<Duration> sinceBoot,
        Observation<String> profile,
        NamedBy namedBy,
        Observation<SingletonLock> lock,
        Observation<Long> pin,
        Observation<ProcessIdentity> holder,
        Observation<SingletonLock> lockAfterPin,
        Observation<ProcessIdentity> otherInstance,
        MarkerReading marker,
        Duration maxMarkerAge) {

    /** The source that names the holder of a profile. */
    public enum NamedBy {
        /** The browser lock. */
        LOCK("the lock"),

        /** The guard's record of the instance that was let through, if there is no lock. */
        RECORD("the instance record");

        private final String words;

        NamedBy(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** Returns a copy with another marker. */
    public SafetyFacts withMarker(MarkerReading read) {
        return new SafetyFacts(
                soleLauncher,
                host,
                sinceBoot,
                profile,
                namedBy,
                lock,
                pin,
                holder,
                lockAfterPin,
                otherInstance,
                read,
                maxMarkerAge);
    }
}

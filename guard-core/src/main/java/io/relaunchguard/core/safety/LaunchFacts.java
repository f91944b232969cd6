package io.relaunchguard.core.safety;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Duration;

/**
 * Everything that was seen, at one moment, of what the predicates judge. The order of reading matters: the lock, then the
 * pin, then, through the pin, the holder, then lock and marker again.
 *
 * @param soleLauncher seen if this launcher holds the launch lock, absent if another one does
 * @param host this host and the launcher on it
 * @param sinceBoot the time since boot, sleep included
 * @param profile the identity of the profile directory
 * @param namedBy what names the holder
 * @param lock the lock before the pin; where the instance record names the holder, what its lock would say
 * @param pin the id under which the holder was pinned
 * @param holder the holder as seen through the pin
 * @param lockAfterPin the lock after the pin
 * @param otherInstance a live process that the instance record names, and the lock does not
 * @param marker the marker after the pin
 * @param maxMarkerAge how old a marker may be
 */
public record LaunchFacts(
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

    /** What names the holder of a profile. */
    public enum NamedBy {
        /** The browser's own lock. */
        LOCK("the lock"),

        /** The guard's record of the instance that was let through, where there is no lock. */
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

    /** The same, but for the marker. */
    public LaunchFacts withMarker(MarkerReading read) {
        return new LaunchFacts(
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

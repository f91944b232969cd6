package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.safety.FreeProfile;
import java.util.ArrayList;
import java.util.List;

/** The looks at a profile at the start of a launch: does another process have it? */
final class ProfileLooks {

    private final ProfilePorts ports;
    private final CacheProbe probe;
    private final List<FreeProfile.Look> looks = new ArrayList<>();

    ProfileLooks(ProfilePorts ports, CacheProbe probe) {
        this.ports = ports;
        this.probe = probe;
    }

    /**
     * Looks until a look shows that another process has the profile, or may have it; at most {@link FreeProfile#LOOKS}
     * times.
     */
    void take() {
        looks.clear();
        do {
            looks.add(look());
        } while (looks.size() < FreeProfile.LOOKS && looks.get(looks.size() - 1).showsNobody());
    }

    /** Returns what the looks have seen. */
    List<FreeProfile.Look> taken() {
        return looks;
    }

    /**
     * Looks once. Examines no process while there is a lock or a consent. Reads the lock first, because a process
     * writes its consent before its lock goes.
     */
    private FreeProfile.Look look() {
        Observation<SingletonLock> lock = ports.lock().read();
        MarkerReading consent = lock instanceof Observation.Absent
                ? ports.markers().peek()
                : new MarkerReading.Unreadable("it was not looked for beside a lock");
        return new FreeProfile.Look(
                consent,
                consent instanceof MarkerReading.Absent
                        ? probe.look()
                        : new CacheStatus.Uncertain("it was not looked at beside a consent"));
    }
}

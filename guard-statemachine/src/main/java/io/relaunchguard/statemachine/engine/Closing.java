package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import java.time.Duration;

/** The closing notice of an instance that is closing: how much longer it may take. */
final class Closing {

    private final ProfilePorts ports;

    Closing(ProfilePorts ports) {
        this.ports = ports;
    }

    /** Returns the time that is left; zero if this process did not write the notice, or is gone. */
    Duration left(Observation<ProcessIdentity> process) {
        return process.toOptional()
                .filter(identity -> identity.state() != ExecutionState.EXITED)
                .flatMap(identity -> ports.markers()
                        .closing()
                        .flatMap(notice -> ports.clock()
                                .sinceBoot()
                                .map(now -> notice.left(
                                        identity, ports.host().read().bootId(), now)))
                        .toOptional())
                .orElse(Duration.ZERO);
    }
}

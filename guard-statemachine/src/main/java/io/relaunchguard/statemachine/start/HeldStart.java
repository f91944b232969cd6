package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** This start, which was HELD. */
final class HeldStart implements HeldLaunch {

    private final ProfilePorts ports;
    private final LaunchReport report;
    private final SecondStart start;
    private final RelaunchGuardProperties properties;
    private volatile @Nullable HandOver handedOver;

    HeldStart(ProfilePorts ports, LaunchReport report, SecondStart start, RelaunchGuardProperties properties) {
        this.ports = ports;
        this.report = report;
        this.start = start;
        this.properties = properties;
    }

    @Override
    public Path profile() {
        return ports.profile();
    }

    @Override
    public LaunchReport report() {
        return report;
    }

    @Override
    public Optional<HandOver> handedOver() {
        return Optional.ofNullable(handedOver);
    }

    @Override
    public HandOver handOver() {
        Duration deadline = properties.secondStart().deadline();
        HandOver result = report.isSecondStart()
                ? LaunchGuard.on(ports).handOver(start, deadline)
                : new HandOver.Refused("it is not certain that the application is running");
        handedOver = result;
        return result;
    }

    @Override
    public Optional<ProcessIdentity> endable() {
        HandOver asked = handedOver;
        return report.isSecondStart() && (asked instanceof HandOver.Unanswered || asked instanceof HandOver.Nobody)
                ? report.holder().toOptional()
                : Optional.empty();
    }

    @Override
    public void consentToEnd(ProcessIdentity holder) throws IOException {
        if (endable().filter(holder::equals).isEmpty()) {
            throw new IllegalStateException("process %d is not one to be asked about".formatted(holder.pid()));
        }
        var unused = new MarkerWriter(ports).write(holder, properties.handoffDeadline());
    }
}

package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A pin of one process of the world: it stays with the process, not with the pid. */
final class WorldPin implements PinnedProcess {

    private final World world;
    private final WorldPorts ports;
    private final WorldProcess process;
    private Optional<Runnable> onExit = Optional.empty();
    private boolean watched;

    WorldPin(World world, WorldPorts ports, WorldProcess process) {
        this.world = world;
        this.ports = ports;
        this.process = process;
        process.pins.add(this);
        world.open.add(this);
    }

    @Override
    public long pid() {
        return ports.call(Port.PIN_PID, () -> process.pid);
    }

    @Override
    public Observation<ProcessIdentity> identity() {
        return ports.ask(Port.PIN_IDENTITY, () -> {
            requireOpen();
            return process.isAlive()
                    ? ports.seen(process)
                    : Observation.absent("process %d has exited".formatted(process.pid));
        });
    }

    @Override
    public boolean hasExited() {
        return ports.call(Port.PIN_HAS_EXITED, () -> {
            requireOpen();
            return !process.isAlive();
        });
    }

    @Override
    public List<SentSignal> requestExit() {
        return ports.call(Port.PIN_REQUEST_EXIT, () -> {
            requireOpen();
            List<SentSignal> sent = new ArrayList<>();
            boolean stopped = process.state == ExecutionState.STOPPED;
            sent.add(send(Signal.TERM));
            if (stopped) {
                sent.add(send(Signal.CONT));
            }
            return sent;
        });
    }

    @Override
    public SentSignal forceExit() {
        return ports.call(Port.PIN_FORCE_EXIT, () -> {
            requireOpen();
            return send(Signal.KILL);
        });
    }

    @Override
    public List<SentSignal> resumeIfStopped() {
        return ports.call(Port.PIN_RESUME, () -> {
            requireOpen();
            return process.state == ExecutionState.STOPPED ? List.of(send(Signal.CONT)) : List.of();
        });
    }

    @Override
    public Observation<Activity> activity() {
        return ports.ask(Port.PIN_ACTIVITY, () -> {
            requireOpen();
            Duration cpu = process.works ? world.sinceBoot().dividedBy(2) : Duration.ZERO;
            return process.isAlive()
                    ? Observation.seen(new Activity(cpu, 0, 0))
                    : Observation.absent("process %d has exited".formatted(process.pid));
        });
    }

    @Override
    public Observation<String> allowForeground() {
        process.mayBeInFront = true;
        return Observation.seen("process %d may come to the front".formatted(process.pid));
    }

    @Override
    public void onExit(Runnable action) {
        ports.run(Port.PIN_ON_EXIT, () -> {
            requireOpen();
            if (watched) {
                world.violations.add("onExit was called twice on one pin");
            }
            watched = true;
            onExit = Optional.of(action);
            if (!process.isAlive()) {
                exited();
            }
        });
    }

    @Override
    public void close() {
        ports.run(Port.PIN_CLOSE, () -> {
            process.pins.remove(this);
            world.open.remove(this);
        });
    }

    void exited() {
        Optional<Runnable> action = onExit;
        onExit = Optional.empty();
        action.ifPresent(callback -> {
            world.told(Port.PIN_ON_EXIT, "called back");
            callback.run();
        });
    }

    @Override
    public String toString() {
        return "pin of " + process.pid + "/" + process.start;
    }

    private SentSignal send(Signal signal) {
        if (process.refusesSignals) {
            return new SentSignal(signal, process.pid, SentSignal.Result.REFUSED, "Operation not permitted");
        }
        return new SentSignal(
                signal,
                process.pid,
                world.receive(process, signal) ? SentSignal.Result.DELIVERED : SentSignal.Result.GONE,
                "");
    }

    private void requireOpen() {
        if (!world.open.contains(this)) {
            world.violations.add("a closed pin of process %d was used".formatted(process.pid));
        }
    }
}

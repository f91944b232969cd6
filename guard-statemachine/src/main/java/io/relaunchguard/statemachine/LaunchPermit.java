package io.relaunchguard.statemachine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.secondstart.Desktop;
import io.relaunchguard.statemachine.engine.InstanceRecorder;
import io.relaunchguard.statemachine.history.HistoryRecord;
import io.relaunchguard.statemachine.history.LaunchHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The permit to initialise CEF on the profile. The code that initialises CEF takes it as an argument, and closes it once CEF
 * holds its own lock. Until then any other launch on the profile waits, and ends HELD after its timeout. Only a launch that ended READY yields a permit.
 * Thread-safe.
 */
public final class LaunchPermit implements AutoCloseable {

    private static final Log logger = LogFactory.getLog(LaunchPermit.class);

    private final @Nullable Grant grant;
    private final String whyInert;

    /**
     * The monitor of the thread that writes the record. {@link #close} does not take it, so it does not wait for a frozen file
     * system: it leaves the launch lock to that thread.
     */
    private final Object recording = new Object();

    private LaunchLock.@Nullable Hold hold;
    private @Nullable Watch watch;
    private boolean isRecording;
    private LaunchLock.@Nullable Hold letGoOnceRecorded;

    private record Grant(ProfilePorts ports, LaunchReport report, LaunchHistory.PendingLine line) {}

    private LaunchPermit(String whyInert) {
        this.grant = null;
        this.whyInert = whyInert;
    }

    LaunchPermit(
            ProfilePorts ports, LaunchReport report, LaunchLock.@Nullable Hold hold, LaunchHistory.PendingLine line) {
        this.grant = new Grant(ports, report, line);
        this.whyInert = "";
        this.hold = hold;
    }

    /**
     * Returns a stand-in that permits nothing. It is for an application whose objects are made although nothing may be
     * launched, such as in a training run for an AOT cache, or in a test. {@link #profile} and {@link #report} of it throw.
     */
    public static LaunchPermit inert() {
        return inert("nothing was launched, and this stand-in for a permit permits nothing");
    }

    /**
     * Returns a stand-in that permits nothing, and says why.
     *
     * @param why the message of its exceptions
     */
    public static LaunchPermit inert(String why) {
        return new LaunchPermit(why);
    }

    /**
     * Returns what the launch saw and did.
     *
     * @throws IllegalStateException if this is the {@linkplain #inert() stand-in}
     */
    public LaunchReport report() {
        return grant().report();
    }

    /**
     * Returns the profile that may be used: CEF's root cache path.
     *
     * @throws IllegalStateException if this is the {@linkplain #inert() stand-in}
     */
    public Path profile() {
        return grant().ports().profile();
    }

    /**
     * Makes the permit close itself as soon as a browser holds the profile's lock. It also closes as soon as an application
     * that makes no such lock has consented to end. A daemon thread waits for this and ends with it. Another daemon thread takes
     * the life lock, which this process keeps from now on: by it, launchers notice an instance that has deleted its own record.
     *
     * @return this
     * @throws UncheckedIOException if the profile directory cannot be watched; the permit stays open
     */
    public LaunchPermit closeOnceLocked() {
        if (grant == null) {
            return this;
        }
        ProfilePorts ports = grant.ports();
        if (ports.instances().isNeeded()) {
            ports.instances().keepLifeLockAside(this::recordLifeLock);
        }
        Watch started = ports.lock().watch(() -> closeOnceUnneeded(ports));
        if (adopt(started)) {
            closeOnceUnneeded(ports);
        } else {
            started.close();
        }
        return this;
    }

    /**
     * Listens for second starts of the application from now on, and gives each to the handler at once. The permit must be open:
     * only the instance that was let through may take the place of another one that listened.
     *
     * @return ends the listening
     * @throws IOException if this process cannot listen, or not safely, or the permit is closed
     */
    public SecondStartListening receiveSecondStarts(SecondStartHandler handler) throws IOException {
        SecondStartListening listening = receiveSecondStarts();
        listening.deliverTo(handler);
        return listening;
    }

    /**
     * Listens for second starts of an application that is still starting. They wait until
     * {@link SecondStartListening#deliverTo} names their handler.
     *
     * @return ends the listening
     * @throws IOException if this process cannot listen, or not safely, or the permit is closed
     */
    public SecondStartListening receiveSecondStarts() throws IOException {
        boolean isHeadless = Boolean.getBoolean("java.awt.headless");
        SecondStartQueue queue = new SecondStartQueue(isHeadless ? Desktop.NONE : Desktop.of(System.getenv()));
        synchronized (this) {
            if (hold == null) {
                throw new IOException("the launch lock is not held, so that another instance may be listening");
            }
            return new SecondStartListening(LaunchGuard.secondStarts().listen(profile(), queue), queue);
        }
    }

    /**
     * Closes the permit: other launchers go on. If the browser has its lock by now, this first records the process that made
     * the lock, so that a later launch can prove the lock stale even if the host has another name then. Waits at most two
     * seconds for this launch's line of the history. May be called twice.
     */
    @Override
    public void close() {
        LaunchLock.Hold held;
        Watch watching;
        synchronized (this) {
            held = hold;
            watching = watch;
            hold = null;
            watch = null;
            if (isRecording && held != null) {
                letGoOnceRecorded = held;
                held = null;
            }
        }
        // Not under the monitor: the thread that watches may be in here too, and is waited for.
        if (watching != null) {
            watching.close();
        }
        if (grant != null) {
            grant.line().await();
        }
        if (held != null) {
            letGo(held);
        }
    }

    private void letGo(LaunchLock.Hold held) {
        if (grant != null) {
            new InstanceRecorder(grant.ports()).locked();
        }
        held.close();
    }

    private void recordLifeLock(Observation<String> taken) {
        if (!(taken instanceof Observation.Seen<String> name)) {
            logger.info(
                    "A launcher in another PID namespace cannot tell whether this instance runs: " + taken.shortfall());
            return;
        }
        recordWhileOpen(recorder -> recorder.keeps(name.value()));
    }

    /**
     * Writes the record under the launch lock. A {@link #close} meanwhile does not release that lock before the record is
     * written. Returns false, and writes nothing, if the permit is closed.
     */
    private boolean recordWhileOpen(Consumer<InstanceRecorder> writing) {
        synchronized (recording) {
            synchronized (this) {
                if (hold == null) {
                    return false;
                }
                isRecording = true;
            }
            try {
                writing.accept(new InstanceRecorder(grant().ports()));
            } finally {
                LaunchLock.Hold late;
                synchronized (this) {
                    isRecording = false;
                    late = letGoOnceRecorded;
                    letGoOnceRecorded = null;
                }
                if (late != null) {
                    letGo(late);
                }
            }
            return true;
        }
    }

    /**
     * Takes the launches on the profile that no process has counted yet, in order to count them: those that were HELD or
     * FAILED, those whose process ended before it could count its own, and those that were killed. This launch is not among
     * them. The first process that asks gets a launch, and no other does; see {@link LaunchHistory#take} and
     * {@link LaunchHistory#takeUnfinished}. Waits at most two seconds for this launch's line of the history, and then reads and
     * writes a file.
     *
     * @return oldest first, those that were killed last; empty in the {@linkplain #inert() stand-in}
     */
    public List<HistoryRecord> takeUncounted() {
        if (grant == null) {
            return List.of();
        }
        grant.line().await();
        if (!grant.line().isSettled()) {
            // It would come after the mark of what is taken, and be counted again by the next one that takes.
            return List.of();
        }
        HistoryRecord own = HistoryRecord.of(grant.report());
        LaunchHistory history = new LaunchHistory(grant.ports().history());
        List<HistoryRecord> unfinished =
                history.takeUnfinished(grant.ports().host(), grant.ports().processes());
        return Stream.concat(history.take().stream().filter(launch -> !launch.equals(own)), unfinished.stream())
                .toList();
    }

    /**
     * Records that a process which this one started uses the profile in its place, such as a browser in a process of its own.
     * Other launches are held until that process ends, whether or not it has made a lock. If it makes no lock, they are also
     * held while a process that started after it has files of the profile open. Does nothing once the permit is closed.
     *
     * @param pid the PID of that process
     */
    public void usedBy(long pid) {
        recordWhileOpen(recorder -> recorder.usedBy(pid));
    }

    /**
     * Writes down that this process has begun to close and will end. A start that meets it waits for its end, within the bounds
     * of that start. A Spring Boot application calls this by itself when its context closes. Logs what goes wrong, and does not
     * throw. Does nothing in the {@linkplain #inert() stand-in}.
     *
     * @param atMost how long the end may take
     */
    public void closing(Duration atMost) {
        if (grant != null) {
            ClosingWriter.write(grant.ports(), atMost);
        }
    }

    /**
     * Gives the permit back unused and closes it: this process does not use the profile, and other launches need not wait for
     * its end. Do not call this once a browser was started.
     */
    public void giveBack() {
        recordWhileOpen(InstanceRecorder::givenBack);
        close();
    }

    /**
     * Records that the process which used the profile has ended, if this process can see that. Launchers in other PID
     * namespaces, such as those of sandboxes, cannot see it themselves.
     */
    public void ended() {
        if (grant == null || recordWhileOpen(InstanceRecorder::ended)) {
            return;
        }
        // Another launcher that is at work looks for itself.
        grant.ports()
                .launchLock()
                .request(reply -> reply.toOptional().ifPresent(held -> {
                    new InstanceRecorder(grant.ports()).ended();
                    held.close();
                }))
                .close();
    }

    private synchronized boolean adopt(Watch started) {
        if (hold == null || watch != null) {
            return false;
        }
        watch = started;
        return true;
    }

    private void closeOnceUnneeded(ProfilePorts ports) {
        if (!(ports.lock().read() instanceof Observation.Absent) || isEndableByItsRecord(ports)) {
            close();
        }
    }

    /** The record keeps other launches out, and the launcher that acts on the consent needs the launch lock. */
    private static boolean isEndableByItsRecord(ProfilePorts ports) {
        try {
            return ports.markers().peek() instanceof MarkerReading.Valid
                    && ports.instances().read() instanceof Observation.Seen<InstanceRecord> record
                    && !record.value().ended();
        } catch (RuntimeException | LinkageError e) {
            logger.debug("The guard cannot tell whether there is a consent", e);
            return false;
        }
    }

    private Grant grant() {
        if (grant == null) {
            throw new IllegalStateException(whyInert);
        }
        return grant;
    }
}

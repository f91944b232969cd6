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
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.history.LaunchRecord;
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
 * The permit to initialise CEF on the profile: whoever does takes it as an argument, and closes it once CEF holds its own
 * lock. Until then no other launcher gets past its first state. Only a launch that ended READY yields one. Thread-safe.
 */
public final class LaunchPermit implements AutoCloseable {

    private static final Log logger = LogFactory.getLog(LaunchPermit.class);

    private final @Nullable Grant grant;
    private final String whyInert;

    /**
     * The monitor of the thread that writes the record. {@link #close} does not take it, and so does not wait for a file
     * system that is frozen: it leaves the launch lock to that thread.
     */
    private final Object recording = new Object();

    private LaunchLock.@Nullable Hold hold;
    private @Nullable Watch watch;
    private boolean isRecording;
    private LaunchLock.@Nullable Hold letGoOnceRecorded;

    private record Grant(ProfilePorts ports, LaunchReport report, LaunchHistory.Line line) {}

    private LaunchPermit(String whyInert) {
        this.grant = null;
        this.whyInert = whyInert;
    }

    LaunchPermit(ProfilePorts ports, LaunchReport report, LaunchLock.@Nullable Hold hold, LaunchHistory.Line line) {
        this.grant = new Grant(ports, report, line);
        this.whyInert = "";
        this.hold = hold;
    }

    /**
     * A stand-in for where an application's objects are made but nothing may be launched, such as a training run for an AOT
     * cache, or a test: it permits nothing, and whoever asks it for the profile gets an exception.
     */
    public static LaunchPermit inert() {
        return inert("nothing was launched, and this stand-in for a permit permits nothing");
    }

    /**
     * The same, with the reason.
     *
     * @param why what the exception says
     */
    public static LaunchPermit inert(String why) {
        return new LaunchPermit(why);
    }

    /**
     * What the launch saw and did.
     *
     * @throws IllegalStateException if this is the {@linkplain #inert() stand-in}
     */
    public LaunchReport report() {
        return grant().report();
    }

    /**
     * The profile that may be used: CEF's root cache path.
     *
     * @throws IllegalStateException if this is the {@linkplain #inert() stand-in}
     */
    public Path profile() {
        return grant().ports().profile();
    }

    /**
     * Makes the permit close itself as soon as a browser holds the profile's lock, or there is consent to the end of an
     * application that makes none. The wait is on a daemon thread that ends with it. From now on this process also keeps the
     * life lock, which another daemon thread takes: an instance that deletes its own record is noticed by that.
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
     * Hears of second starts of the application from now on, and gives them to it at once. Only while the permit is open: nobody
     * but the instance that was let through may take the place of another that listened.
     *
     * @return ends it
     * @throws IOException if it cannot be listened, or not safely, or the permit is closed
     */
    public SecondStartListening receiveSecondStarts(SecondStartHandler handler) throws IOException {
        SecondStartListening listening = receiveSecondStarts();
        listening.deliverTo(handler);
        return listening;
    }

    /**
     * Hears of second starts of an application that is still starting: they wait until it is said where they go.
     *
     * @return ends it
     * @throws IOException if it cannot be listened, or not safely, or the permit is closed
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
     * Lets other launchers go on. If the browser has its lock by now, who made it is written down before, so that it can be
     * told to be stale later though the host has another name then. This launch's line of the history is waited for, two
     * seconds at most. May be called twice.
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
                    "A launcher in another pid namespace cannot tell whether this instance runs: " + taken.shortfall());
            return;
        }
        recordWhileOpen(recorder -> recorder.keeps(name.value()));
    }

    /**
     * Writes the record under the launch lock, which a {@link #close} meanwhile does not release before that is done. Returns
     * false, and writes nothing, if the permit is closed.
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
     * Takes the launches on the profile that nobody has counted, in order to count them: those that were HELD or FAILED, whose
     * processes ended, those whose process ended before it could count its own, and those that were killed. Each is given out
     * once, to whichever process asks first; see {@link LaunchHistory#take} and {@link LaunchHistory#takeUnfinished}. This launch is not among them. Waits for its line of the history, two seconds
     * at most, and then reads and writes a file.
     *
     * @return oldest first, those that were killed last; empty in the {@linkplain #inert() stand-in}
     */
    public List<LaunchRecord> takeUncounted() {
        if (grant == null) {
            return List.of();
        }
        grant.line().await();
        if (!grant.line().isSettled()) {
            // It would come after the mark of what is taken, and be counted again by the next one that takes.
            return List.of();
        }
        LaunchRecord own = LaunchRecord.of(grant.report());
        LaunchHistory history = new LaunchHistory(grant.ports().history());
        List<LaunchRecord> unfinished =
                history.takeUnfinished(grant.ports().host(), grant.ports().processes());
        return Stream.concat(history.take().stream().filter(launch -> !launch.equals(own)), unfinished.stream())
                .toList();
    }

    /**
     * Says that a process which this one started uses the profile in its place, such as a browser in a process of its own:
     * until that process ends, other launches are held, whether or not it has made a lock. If it makes no lock, they are
     * also held while a process that started after it has files of the profile open. Does nothing once the permit is
     * closed.
     *
     * @param pid its process id
     */
    public void usedBy(long pid) {
        recordWhileOpen(recorder -> recorder.usedBy(pid));
    }

    /**
     * Says that this process has begun to close and will end: a start that meets it waits for that, within its own bounds. An
     * application of Spring Boot says so by itself when its context closes. What goes wrong is logged. Does nothing in the
     * {@linkplain #inert() stand-in}.
     *
     * @param atMost how long it may take
     */
    public void closing(Duration atMost) {
        if (grant != null) {
            ClosingWriter.write(grant.ports(), atMost);
        }
    }

    /**
     * Gives the permit back unused and closes it: this process does not use the profile, and other launches need not wait for
     * its end. Not to be called once a browser was started.
     */
    public void giveBack() {
        recordWhileOpen(InstanceRecorder::givenBack);
        close();
    }

    /**
     * Says that the process which used the profile has ended, if that can be seen: launchers of other pid namespaces, such as
     * sandboxes, cannot see it themselves.
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

    /** The record keeps other launches out, and whoever acts on the consent needs the launch lock. */
    private static boolean isEndableByItsRecord(ProfilePorts ports) {
        try {
            return ports.markers().peek() instanceof MarkerReading.Valid
                    && ports.instances().read() instanceof Observation.Seen<InstanceRecord> record
                    && !record.value().ended();
        } catch (RuntimeException | LinkageError e) {
            logger.debug("It cannot be told whether there is consent", e);
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

package io.relaunchguard.it.crash;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.MarkerWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a launcher finds that is killed, and how the next one ends, rightly. */
enum CrashScenario {
    /** A holder that consented and takes no notice of SIGTERM: everything up to force. */
    WEDGED(Outcome.READY, Duration.ofSeconds(60)) {
        @Override
        ProcessHandle prepare(Sandbox sandbox) throws IOException, InterruptedException {
            ProcessHandle holder = startCountingOrphan(sandbox);
            sandbox.writeLock(hostName() + "-" + holder.pid());
            consent(sandbox, holder);
            return holder;
        }
    },

    /** A lock whose process is gone: its removal. */
    STALE(Outcome.READY, Duration.ofSeconds(60)) {
        @Override
        ProcessHandle prepare(Sandbox sandbox) throws IOException, InterruptedException {
            Process gone = sandbox.start("gone", List.of("/bin/true"));
            gone.waitFor();
            sandbox.writeLock(hostName() + "-" + gone.pid());
            return gone.toHandle();
        }
    },

    /** A process that consented and has already let go of its lock: it is given time to end, and never signalled. */
    LOCK_GIVEN_UP(Outcome.READY, Duration.ofMillis(50)) {
        @Override
        ProcessHandle prepare(Sandbox sandbox) throws IOException, InterruptedException {
            ProcessHandle departing = sandbox.startOrphan(true);
            consent(sandbox, departing);
            return departing;
        }
    },

    /** A healthy holder, which nobody asked to go: the next launch is HELD, as this one would have been. */
    HEALTHY(Outcome.HELD, Duration.ofMillis(50)) {
        @Override
        ProcessHandle prepare(Sandbox sandbox) throws IOException, InterruptedException {
            ProcessHandle holder = sandbox.startOrphan(true);
            sandbox.writeLock(hostName() + "-" + holder.pid());
            return holder;
        }
    };

    private static final String REQUESTS = "requests";

    private final Outcome outcome;
    private final Duration cacheRelease;

    CrashScenario(Outcome outcome, Duration cacheRelease) {
        this.outcome = outcome;
        this.cacheRelease = cacheRelease;
    }

    /** Lock, marker and process. */
    abstract ProcessHandle prepare(Sandbox sandbox) throws IOException, InterruptedException;

    /** How every launch ends, whether or not another one was killed before. */
    Outcome outcome() {
        return outcome;
    }

    Duration cacheRelease() {
        return cacheRelease;
    }

    /** What the holder of {@link #WEDGED} has counted: a line for each request. */
    static long requests(Sandbox sandbox) throws IOException {
        return Files.readString(sandbox.root().resolve(REQUESTS)).lines().count();
    }

    /** A process that is not the test's child, takes no notice of requests but writes each down, and stays until it is forced. */
    private static ProcessHandle startCountingOrphan(Sandbox sandbox) throws IOException, InterruptedException {
        Path requests = Files.createFile(sandbox.root().resolve(REQUESTS));
        // A read that never ends, and is interrupted by a signal: the pipe is open for writing as well.
        String holder = "trap 'echo TERM >>\"$0\"' TERM; mkfifo \"$0.pipe\"; exec 3<>\"$0.pipe\"; echo $$ >\"$0.pid\"; "
                + "while :; do read line <&3; done";
        // Its parent never asks how it ended: it is a zombie whenever the next launch looks, so that each makes the
        // same calls.
        sandbox.start(new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "(/bin/sh -c \"$0\" \"$1\" & exec sleep 600) </dev/null >/dev/null 2>&1 &",
                        holder,
                        requests.toString()))
                .waitFor();
        Path pid = sandbox.root().resolve(REQUESTS + ".pid");
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(30, SECONDS)
                .until(() -> Files.exists(pid) && Files.readString(pid).endsWith("\n"));
        ProcessHandle orphan =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).trim())).orElseThrow();
        sandbox.adopt(orphan);
        sandbox.adopt(orphan.parent().orElseThrow());
        return orphan;
    }

    static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }

    static void consent(Sandbox sandbox, ProcessHandle process) throws IOException {
        new MarkerWriter(LaunchGuard.currentPlatform().open(sandbox.profile()))
                .write(process.pid(), "1", "2", Duration.ofSeconds(10));
    }
}

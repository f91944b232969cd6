package io.relaunchguard.it.crash;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.it.harness.LauncherJvm;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A launcher in a process of its own, on the real ports, is killed by SIGKILL at the entry into each state, and before and
 * after the effect of each call of a port; then the next launch runs. Which calls there are is recorded from a launch that is
 * let be, so no call is left out.
 *
 * <p>Between the effect of one call and the next call a launcher touches nothing: "after" the one, the entry into a state, and "before" the
 * next are one place, and are shown by one kill.
 */
class CrashMatrixIT {

    /** Launchers spend much of their time in waits. */
    private static final int AT_ONCE = 4;

    @TempDir
    private static Path directory;

    private static LauncherJvm jvm;

    private record Cell(CallPoint.Moment moment, CallPoint point) {

        boolean endsAPlace() {
            return moment == CallPoint.Moment.BEFORE && !point.call().equals(CallPoint.ENTRY);
        }
    }

    /**
     * Where one kill is made.
     *
     * @param cells what it shows; the launcher is killed at the last
     * @param noted whether a request to the holder was noted by then
     */
    private record Place(List<Cell> cells, boolean noted) {

        Cell last() {
            return cells.get(cells.size() - 1);
        }
    }

    /** What became of one kill, and of the launch after it. */
    private sealed interface End {

        record Right() implements End {}

        record Wrong(String how) implements End {}

        /** The launcher ended before it got there, so that nothing is shown. */
        record NotReached() implements End {}
    }

    private static final Cell NOTED =
            new Cell(CallPoint.Moment.AFTER, new CallPoint(LifecycleState.TERM, "markers.noteRequest", 1));

    @BeforeAll
    static void train() throws Exception {
        jvm = new LauncherJvm(CrashLauncher.class, directory);
        try (Sandbox sandbox = new Sandbox()) {
            CrashScenario.WEDGED.prepare(sandbox);
            jvm.train(sandbox, arguments(CrashScenario.WEDGED, sandbox));
        }
    }

    @ParameterizedTest
    @EnumSource(CrashScenario.class)
    @Tag("H28")
    @Tag("long")
    void theNextLaunchEndsRightlyWhereverOneIsKilled(CrashScenario scenario) throws Exception {
        List<Cell> cells = record(scenario);
        List<Place> places = places(cells);
        assertThat(record(scenario)).as("the same calls every time").isEqualTo(cells);
        Map<Cell, String> wrong = new LinkedHashMap<>();
        Set<Cell> notReached = new LinkedHashSet<>();

        ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
        try {
            Map<Place, Future<End>> results = new LinkedHashMap<>();
            places.forEach(place -> results.put(place, executor.submit(() -> run(scenario, place))));
            for (Map.Entry<Place, Future<End>> result : results.entrySet()) {
                End end = result.getValue().get();
                if (end instanceof End.Wrong one) {
                    result.getKey().cells().forEach(cell -> wrong.put(cell, one.how()));
                } else if (end instanceof End.NotReached) {
                    notReached.addAll(result.getKey().cells());
                }
            }
        } finally {
            executor.shutdownNow();
            assertThat(executor.awaitTermination(120, SECONDS)).isTrue();
        }

        String table = table(scenario, cells, places.size(), wrong.keySet(), notReached);
        System.out.println(table);
        assertThat(wrong).as(table).isEmpty();
        assertThat(notReached).as("every call is reached: " + table).isEmpty();
        assertThat(cells).as("it is no empty matrix").hasSizeGreaterThan(30);
        if (scenario == CrashScenario.WEDGED) {
            assertThat(cells).contains(NOTED);
        }
    }

    /** What a launcher that is killed between two system calls of one call leaves, where that is more than one file name. */
    private enum HalfDone {
        /** The outgoing process died before it renamed its marker: no consent. */
        MARKER_NOT_RENAMED(CrashScenario.HEALTHY) {
            @Override
            void leave(Path profile) throws IOException {
                Files.writeString(profile.resolve("RelaunchGuard.marker.1.tmp"), "format=1\npid=");
            }
        },
        /** A stale lock, renamed aside and not looked at there yet. */
        LOCK_ASIDE(CrashScenario.STALE) {
            @Override
            void leave(Path profile) throws IOException {
                Files.move(profile.resolve("SingletonLock"), profile.resolve("SingletonLock.relaunch-guard"));
            }
        },
        /** What was renamed aside turned out to be a live browser's lock, and was not put back yet. */
        LOCK_NOT_PUT_BACK(CrashScenario.HEALTHY) {
            @Override
            void leave(Path profile) throws IOException {
                Files.move(profile.resolve("SingletonLock"), profile.resolve("SingletonLock.relaunch-guard"));
            }
        },
        /** It was put back, and the one aside not deleted yet. */
        LOCK_PUT_BACK(CrashScenario.HEALTHY) {
            @Override
            void leave(Path profile) throws IOException {
                Files.createSymbolicLink(
                        profile.resolve("SingletonLock.relaunch-guard"),
                        Files.readSymbolicLink(profile.resolve("SingletonLock")));
            }
        },
        /** The permit was closed, and the instance record written and not renamed yet. */
        RECORD_NOT_RENAMED(CrashScenario.STALE) {
            @Override
            void leave(Path profile) throws IOException {
                Files.writeString(profile.resolve("RelaunchGuard.instance.1.tmp"), "format=1\n");
            }
        };

        private final CrashScenario scenario;

        HalfDone(CrashScenario scenario) {
            this.scenario = scenario;
        }

        abstract void leave(Path profile) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H28")
    void theNextLaunchEndsRightlyWhereACallWasLeftHalfDone(HalfDone halfDone) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ProcessHandle subject = halfDone.scenario.prepare(sandbox);
            halfDone.leave(sandbox.profile());

            LaunchReport report = launch(halfDone.scenario, sandbox);

            assertThat(report.outcome()).as(report.summary()).isEqualTo(halfDone.scenario.outcome());
            assertThat(report.signals()).isEmpty();
            boolean stale = halfDone.scenario == CrashScenario.STALE;
            assertThat(Files.isSymbolicLink(sandbox.lock())
                            || Files.isSymbolicLink(sandbox.profile().resolve("SingletonLock.relaunch-guard")))
                    .as("a lock is left")
                    .isEqualTo(!stale);
            if (!stale) {
                assertThatIsUntouched(subject);
            }
        }
    }

    private static List<Cell> record(CrashScenario scenario) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            scenario.prepare(sandbox);
            Process launcher = sandbox.start("launcher", jvm.command(arguments(scenario, sandbox)));
            assertThat(launcher.waitFor(180, SECONDS)).isTrue();
            List<String> lines = sandbox.output("launcher.out").lines().toList();
            assertThat(lines).endsWith(CrashLauncher.ENDED + scenario.outcome());
            return lines.stream()
                    .filter(line -> !line.startsWith(CrashLauncher.ENDED))
                    .map(line -> line.split(" ", 2))
                    .map(words -> new Cell(
                            CallPoint.Moment.valueOf(words[0].toUpperCase(Locale.ROOT)), CallPoint.parse(words[1])))
                    .toList();
        }
    }

    private static List<Place> places(List<Cell> cells) {
        List<Place> places = new ArrayList<>();
        List<Cell> place = new ArrayList<>();
        boolean noted = false;
        for (Cell cell : cells) {
            place.add(cell);
            noted |= cell.equals(NOTED);
            if (cell.endsAPlace() || cell.equals(cells.get(cells.size() - 1))) {
                places.add(new Place(List.copyOf(place), noted));
                place.clear();
            }
        }
        return places;
    }

    private static End run(CrashScenario scenario, Place place) throws Exception {
        Cell cell = place.last();
        try (Sandbox sandbox = new Sandbox()) {
            ProcessHandle bystander = sandbox.startOrphan(true);
            ProcessHandle subject = scenario.prepare(sandbox);
            String[] arguments = arguments(
                    scenario, sandbox, cell.moment().name(), cell.point().toString());
            if (!killed(sandbox, jvm.command(arguments))) {
                return new End.NotReached();
            }
            checkNextLaunch(scenario, sandbox, subject, bystander, place.noted());
            return new End.Right();
        } catch (AssertionError e) {
            return new End.Wrong(e.getMessage());
        }
    }

    /** Whether the launcher got to where it is to be killed. */
    private static boolean killed(Sandbox sandbox, List<String> command) throws Exception {
        Process launcher = sandbox.start(new ProcessBuilder(command)
                .redirectError(sandbox.root().resolve("killed.err").toFile()));
        String line = launcher.inputReader().readLine();
        launcher.destroyForcibly();
        assertThat(launcher.waitFor()).isIn(137, 0);
        if (CrashLauncher.STANDING.equals(line)) {
            return true;
        }
        assertThat(line).as(sandbox.output("killed.err")).isNotNull().startsWith(CrashLauncher.ENDED);
        return false;
    }

    private static void checkNextLaunch(
            CrashScenario scenario, Sandbox sandbox, ProcessHandle subject, ProcessHandle bystander, boolean noted)
            throws IOException {
        LaunchReport report = launch(scenario, sandbox);

        assertThat(report.outcome()).as(report.summary() + report.faults()).isEqualTo(scenario.outcome());
        assertThat(report.faults()).isEmpty();
        assertThat(report.signals()).allMatch(signal -> signal.pid() == subject.pid());
        assertThat(report.signals()).extracting(SentSignal::signal).doesNotHaveDuplicates();
        Set<String> left = new TreeSet<>(sandbox.snapshot().keySet());
        switch (scenario) {
            case WEDGED -> {
                assertThat(report.signals().stream().anyMatch(signal -> signal.signal() == Signal.TERM))
                        .as("asked by the launch after one that had%s noted that it asks", noted ? "" : " not")
                        .isEqualTo(!noted);
                assertThat(CrashScenario.requests(sandbox)).isLessThanOrEqualTo(1);
                assertThat(Sandbox.isAlive(subject.pid())).isFalse();
                assertThat(left)
                        .containsExactly("", "RelaunchGuard.history", "RelaunchGuard.instance", "RelaunchGuard.lock");
            }
            case STALE -> {
                assertThat(report.signals()).isEmpty();
                assertThat(left)
                        .containsExactly("", "RelaunchGuard.history", "RelaunchGuard.instance", "RelaunchGuard.lock");
            }
            case LOCK_GIVEN_UP -> {
                assertThat(report.signals()).isEmpty();
                assertThat(left)
                        .containsExactly("", "RelaunchGuard.history", "RelaunchGuard.instance", "RelaunchGuard.lock");
                assertThatIsUntouched(subject);
            }
            case HEALTHY -> {
                assertThat(report.signals()).isEmpty();
                assertThat(sparedFor(report)).isEqualTo(SafetyPredicate.MARKER_PRESENT);
                assertThat(left).containsExactly("", "RelaunchGuard.history", "RelaunchGuard.lock", "SingletonLock");
                assertThat(sandbox.lockTarget()).hasValue(CrashScenario.hostName() + "-" + subject.pid());
                assertThatIsUntouched(subject);
            }
        }
        if (scenario.outcome() == Outcome.READY) {
            checkThatNoConsentIsLeft(scenario, sandbox, bystander);
        }
        assertThatIsUntouched(bystander);
    }

    /** The bystander takes the profile, as the new version would. */
    private static void checkThatNoConsentIsLeft(CrashScenario scenario, Sandbox sandbox, ProcessHandle bystander)
            throws IOException {
        sandbox.writeLock(CrashScenario.hostName() + "-" + bystander.pid());

        LaunchReport report = launch(scenario, sandbox);

        assertThat(report.outcome()).as(report.summary()).isEqualTo(Outcome.HELD);
        assertThat(sparedFor(report)).isEqualTo(SafetyPredicate.MARKER_PRESENT);
        assertThat(report.signals()).isEmpty();
    }

    private static LaunchReport launch(CrashScenario scenario, Sandbox sandbox) {
        LaunchResult result = LaunchGuard.forProfile(sandbox.profile())
                .withPolicy(CrashLauncher.policy(scenario.cacheRelease()))
                .launch();
        if (result instanceof LaunchResult.Permitted permitted) {
            try (LaunchPermit permit = permitted.permit()) {
                assertThat(permit.profile()).isEqualTo(sandbox.profile());
            }
        }
        return result.report();
    }

    private static SafetyPredicate sparedFor(LaunchReport report) {
        return ((Verdict.Spare) report.verdict().orElseThrow()).reason().predicate();
    }

    /** Alive, and so never asked to end, and not stopped. */
    private static void assertThatIsUntouched(ProcessHandle process) {
        assertThat(Sandbox.state(process.pid())).hasValue("S");
    }

    private static String[] arguments(CrashScenario scenario, Sandbox sandbox, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of(sandbox.profile().toString(), scenario.cacheRelease().toString()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static String table(
            CrashScenario scenario, List<Cell> cells, int places, Set<Cell> wrong, Set<Cell> notReached) {
        Set<Cell> right = new LinkedHashSet<>(cells);
        right.removeAll(wrong);
        right.removeAll(notReached);
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        out.printf(
                "%nCrash matrix %s: %d cells by %d kills, %d ended rightly, %d wrongly, %d not reached (next launch %s)%n",
                scenario, cells.size(), places, right.size(), wrong.size(), notReached.size(), scenario.outcome());
        Map<LifecycleState, Map<String, int[]>> counts = new EnumMap<>(LifecycleState.class);
        for (Cell cell : cells) {
            int[] count = counts.computeIfAbsent(cell.point().state(), state -> new LinkedHashMap<>())
                    .computeIfAbsent(cell.point().call(), call -> new int[2]);
            count[0]++;
            count[1] += right.contains(cell) ? 1 : 0;
        }
        counts.forEach((state, calls) -> {
            out.printf("  %s%n", state);
            calls.forEach((call, count) -> out.printf("    %-40s %3d of %3d%n", call, count[1], count[0]));
        });
        return text.toString();
    }
}

package io.relaunchguard.it.drill;

import io.relaunchguard.core.consent.ConsentMarker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One scenario of the drill: what is set up, and what must be seen.
 *
 * @param name what happens, in words
 * @param expected what {@link Play} must return
 * @param need what the host must have to set it up
 */
record Scenario(String name, String expected, Need need, Play play) {

    private static final JsonMapper MAPPER = new JsonMapper();

    /** The needs of a scenario that not every host meets. */
    enum Need {
        /** The scenario needs nothing special. */
        NOTHING,
        /** The scenario needs a POSIX system. */
        POSIX,
        /** The scenario needs a POSIX system and the user root. */
        ROOT,
        /** The scenario needs a browser. */
        BROWSER,
        /** The scenario needs a browser, and a way to hang one thread of it. */
        HUNG_BROWSER
    }

    /** The play of a scenario: it sets the scenario up on a bench, runs the launch, and returns what was seen. */
    @FunctionalInterface
    interface Play {
        String on(Bench bench) throws Exception;
    }

    /** Returns every scenario, whether or not it can be played here. */
    static List<Scenario> all(DrillHost host) {
        List<Scenario> all = new ArrayList<>(everywhere(host.endOfStopped()));
        all.addAll(posix(host));
        all.addAll(browser(host));
        return all;
    }

    private static List<Scenario> everywhere(String stopped) {
        return List.of(
                of("no lock", "READY", bench -> seen(bench.launch())),
                of("lock left behind by a process that has exited", "READY", bench -> {
                    bench.hold(Behaviour.HEALTHY);
                    bench.letHolderEnd();
                    bench.awaitHolders();
                    return seen(bench.launch());
                }),
                of("wedged, consented", stopped, bench -> {
                    bench.consent(bench.hold(Behaviour.STOPPED));
                    return seen(bench.launch());
                }),
                of(
                        "wedged, consented, and the launcher's own parent",
                        stopped,
                        bench -> seen(bench.reportOf(bench.hold(Behaviour.RESTARTS_AND_STOPS)))),
                of("ignores TERM, consented", "READY, sent TERM KILL", bench -> {
                    bench.consent(bench.hold(Behaviour.IGNORES_TERM));
                    return seen(bench.launch());
                }),
                of("exits within the grace, consented", "READY, after TEARDOWN_GRACE", bench -> {
                    bench.consent(bench.hold(Behaviour.HEALTHY));
                    String report = bench.launch(line -> {
                        if (line.startsWith("TEARDOWN_GRACE")) {
                            bench.letHolderEnd();
                        }
                    });
                    return seen(report) + (report.contains("TEARDOWN_GRACE") ? ", after TEARDOWN_GRACE" : "");
                }),
                spared("healthy, nobody consented", "marker-present", bench -> {
                    bench.hold(Behaviour.HEALTHY);
                    return bench.launch();
                }),
                spared("stopped, nobody consented", "marker-present", bench -> {
                    bench.hold(Behaviour.STOPPED);
                    return bench.launch();
                }),
                spared("healthy, another process consented", "marker-names-holder", bench -> {
                    bench.hold(Behaviour.HEALTHY);
                    bench.consent(ProcessHandle.current().pid());
                    return bench.launch();
                }),
                spared("healthy, with the PID of a process that consented", "marker-names-holder", bench -> {
                    long pid = bench.hold(Behaviour.HEALTHY);
                    String former = Long.toString(Long.parseLong(bench.startOf(pid)) - 1);
                    bench.consent(marker -> altered(marker, pid, former, marker.bootId(), marker.written()));
                    return bench.launch();
                }),
                spared("healthy, consent of an earlier boot", "marker-same-boot", bench -> {
                    long pid = bench.hold(Behaviour.HEALTHY);
                    bench.consent(marker -> altered(marker, pid, bench.startOf(pid), "earlier", marker.written()));
                    return bench.launch();
                }),
                spared("healthy, consent from the future", "marker-fresh", bench -> {
                    long pid = bench.hold(Behaviour.HEALTHY);
                    bench.consent(marker -> altered(
                            marker,
                            pid,
                            bench.startOf(pid),
                            marker.bootId(),
                            marker.written().plus(Duration.ofMinutes(1))));
                    return bench.launch();
                }),
                spared("this launcher itself, consented", "not-self", bench -> {
                    bench.takeLock();
                    bench.consent(ProcessHandle.current().pid());
                    return bench.launchHere();
                }),
                spared("healthy, started by this launcher, consented", "not-self", bench -> {
                    bench.consent(bench.hold(Behaviour.HEALTHY));
                    return bench.launchHere();
                }));
    }

    /**
     * Returns the scenarios that Windows does not allow: a lock names no host there, no process is a zombie, and none
     * can become another user.
     */
    private static List<Scenario> posix(DrillHost host) {
        return List.of(
                new Scenario("zombie", "READY", Need.POSIX, bench -> {
                    bench.end(bench.hold(Behaviour.PARENT_THAT_CANNOT_REAP));
                    return seen(bench.launch());
                }),
                new Scenario(
                        "healthy, its lock written on another host",
                        "HELD, spared by same-host, alive",
                        Need.POSIX,
                        bench -> {
                            bench.consent(bench.hold(Behaviour.HEALTHY, "--host", "another-host.example"));
                            return seen(bench.launch()) + (bench.holdersAreAlive() ? ", alive" : ", DEAD");
                        }),
                new Scenario("another user's process", "HELD, spared by same-user, alive", Need.ROOT, bench -> {
                    long pid = bench.hold(Behaviour.HEALTHY, "--uid", Integer.toString(host.nobody()));
                    bench.consent(
                            marker -> altered(marker, pid, bench.startOf(pid), marker.bootId(), marker.written()));
                    return seen(bench.launch()) + (bench.holdersAreAlive() ? ", alive" : ", DEAD");
                }));
    }

    /** Returns the scenarios with a real browser on the profile. They are the last, because they take longest. */
    private static List<Scenario> browser(DrillHost host) {
        String newOne = ", a new browser answers";
        return List.of(
                new Scenario(
                        "browser: healthy, nobody consented", sparedBrowser("marker-present"), Need.BROWSER, bench -> {
                            DrillBrowser browser = bench.browse();
                            return seen(bench.launch()) + browser.condition();
                        }),
                new Scenario(
                        "browser: healthy, another process consented",
                        sparedBrowser("marker-names-holder"),
                        Need.BROWSER,
                        bench -> {
                            DrillBrowser browser = bench.browse();
                            bench.consent(ProcessHandle.current().pid());
                            return seen(bench.launch()) + browser.condition();
                        }),
                new Scenario(
                        "browser: stopped, nobody consented",
                        "HELD, spared by marker-present, alive",
                        Need.BROWSER,
                        bench -> {
                            DrillBrowser browser = bench.browse();
                            host.stop(browser.process());
                            return seen(bench.launch()) + (browser.process().isAlive() ? ", alive" : ", DEAD");
                        }),
                new Scenario("browser: stopped, consented", host.endOfStopped() + newOne, Need.BROWSER, bench -> {
                    DrillBrowser browser = bench.browse();
                    host.stop(browser.process());
                    bench.consent(browser.pid());
                    return seen(bench.launch()) + successor(bench);
                }),
                new Scenario(
                        "browser: user interface hung, consented",
                        "READY, sent TERM KILL" + newOne,
                        Need.HUNG_BROWSER,
                        bench -> {
                            DrillBrowser browser = bench.browse();
                            bench.hang(browser);
                            bench.consent(browser.pid());
                            return seen(bench.launch()) + successor(bench);
                        }),
                new Scenario("browser: killed", "READY" + newOne, Need.BROWSER, bench -> {
                    bench.browse().kill();
                    return seen(bench.launch()) + successor(bench);
                }));
    }

    private static String sparedBrowser(String predicate) {
        return "HELD, spared by %s, alive, answers".formatted(predicate);
    }

    private static String successor(Bench bench) throws IOException, InterruptedException {
        return bench.browse().answers() ? ", a new browser answers" : ", NO NEW BROWSER";
    }

    private static Scenario of(String name, String expected, Play play) {
        return new Scenario(name, expected, Need.NOTHING, play);
    }

    private static Scenario spared(String name, String predicate, Play report) {
        return of(
                name,
                "HELD, spared by %s, alive".formatted(predicate),
                bench -> seen(report.on(bench)) + (bench.holdersAreAlive() ? ", alive" : ", DEAD"));
    }

    private static String seen(String report) {
        JsonNode json = MAPPER.readTree(report);
        String outcome = json.path("outcome").asString().toUpperCase(Locale.ROOT);
        String signals = StreamSupport.stream(json.path("signals").spliterator(), false)
                .map(signal -> signal.path("signal").asString())
                .collect(Collectors.joining(" "));
        String reason = json.path("verdict").path("reason").asString("");
        return outcome
                + (signals.isEmpty() ? "" : ", sent " + signals)
                + (outcome.equals("HELD") ? ", spared by " + reason : "");
    }

    private static ConsentMarker altered(
            ConsentMarker marker, long pid, String start, String bootId, Duration written) {
        return new ConsentMarker(
                pid,
                start,
                bootId,
                marker.host(),
                marker.machineId(),
                marker.pidNamespace(),
                marker.user(),
                marker.profile(),
                marker.executable(),
                marker.fromVersion(),
                marker.toVersion(),
                marker.nonce(),
                written,
                marker.writtenAt(),
                marker.deadline());
    }
}

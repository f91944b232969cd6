package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.it.harness.Chromium;
import io.relaunchguard.it.harness.Cli;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who is meant by a lock, a marker and a profile's path; and what a dry run tells of it. */
class IdentityIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    private final Cli cli = new Cli(sandbox);

    @Test
    @Tag("H05")
    void findsNoConsentInACopyOfTheProfile() throws Exception {
        Process holder = wedgedHolder();
        cli.mark(holder.pid());
        Path copy = sandbox.root().resolve("copy");
        Files.createDirectory(copy);
        for (String name : List.of("SingletonLock", "RelaunchGuard.marker")) {
            Files.copy(
                    sandbox.profile().resolve(name),
                    copy.resolve(name),
                    StandardCopyOption.COPY_ATTRIBUTES,
                    LinkOption.NOFOLLOW_LINKS);
        }

        Cli.Run run = cli.run("launch", "--json", "--profile=" + copy, "--cache-release=PT0.2S");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-for-profile");
        assertThat(run.signals()).isEmpty();
        assertThat(Sandbox.state(holder.pid())).hasValue("T");
    }

    @Test
    @Tag("H05")
    void knowsTheProfileByWhateverPathItIsNamed() throws Exception {
        Process holder = wedgedHolder();
        Path other = Files.createSymbolicLink(sandbox.root().resolve("an other name"), sandbox.profile());
        assertThat(cli.run("mark", "--profile=" + other + "/.", "--pid=" + holder.pid())
                        .exitCode())
                .isZero();

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.signals()).containsExactly("TERM " + holder.pid(), "CONT " + holder.pid());
    }

    @Test
    @Tag("H06")
    void takesNoPidForAnotherThatItWouldBeWhenCutToThirtyTwoBits() throws Exception {
        Process innocent = sandbox.start("innocent", List.of("/bin/sleep", "600"));
        cli.mark(innocent.pid());
        sandbox.writeLock(hostName() + "-" + ((1L << 32) + innocent.pid()));

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("pid-in-range");
        assertThat(run.signals()).isEmpty();
        assertThat(innocent.isAlive()).isTrue();
    }

    @Test
    @Tag("H05")
    void usesAConsentOnlyOnce() throws Exception {
        Process holder = wedgedHolder();
        cli.mark(holder.pid());
        Path marker = sandbox.profile().resolve("RelaunchGuard.marker");
        byte[] replay = Files.readAllBytes(marker);
        assertThat(cli.launch().exitCode()).isZero();
        Process successor = wedgedHolder();
        Files.write(marker, replay);
        Files.setPosixFilePermissions(marker, PosixFilePermissions.fromString("rw-------"));

        Cli.Run run = cli.launch();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.reason()).isEqualTo("marker-names-holder");
        assertThat(run.signals()).isEmpty();
        assertThat(Sandbox.state(successor.pid())).hasValue("T");
    }

    @Test
    void explainsAFreeProfileWithoutLeavingATrace() throws Exception {
        Map<String, String> before = sandbox.snapshot();

        Cli.Run run = explain();

        assertThat(run.json().path("verdict").path("reason").asString()).isEqualTo("holder-present");
        assertThat(run.json().path("cache").path("status").asString()).isEqualTo("free");
        assertThat(run.json().path("marker").asString()).isEqualTo("absent");
        assertThat(sandbox.snapshot()).isEqualTo(before);
    }

    @Test
    @Needs(Need.CHROMIUM)
    void explainsAHealthyBrowserWithoutDisturbingIt() throws Exception {
        Chromium healthy = Chromium.start(sandbox, "healthy");
        List<ProcessHandle> helpers = healthy.helpers();
        String lock = sandbox.lockTarget().orElseThrow();

        Cli.Run run = explain();

        assertThat(run.json().path("verdict").path("reason").asString()).isEqualTo("marker-present");
        assertThat(run.json().path("cache").path("status").asString()).isEqualTo("in-use");
        assertThat(run.json().path("holder").path("pid").asLong()).isEqualTo(healthy.pid());
        assertThat(sandbox.lockTarget()).hasValue(lock);
        assertThat(sandbox.snapshot().keySet()).noneMatch(name -> name.startsWith("RelaunchGuard"));
        assertThat(healthy.isReady()).isTrue();
        assertThat(helpers).allMatch(helper -> Sandbox.isAlive(helper.pid()));
    }

    @Test
    void explainsAConsentWithoutUsingItUp() throws Exception {
        Process holder = wedgedHolder();
        cli.mark(holder.pid());
        Map<String, String> before = sandbox.snapshot();

        Cli.Run run = explain();

        assertThat(run.json().path("verdict").path("kind").asString()).isEqualTo("reap");
        assertThat(run.json().path("marker").asString()).isEqualTo("valid");
        assertThat(sandbox.snapshot()).isEqualTo(before);
        assertThat(cli.launch().exitCode()).isZero();
    }

    /** Explains, and checks that every predicate is told of, in order. */
    private Cli.Run explain() throws Exception {
        Cli.Run run = cli.run("explain", "--json", "--profile=" + sandbox.profile());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(StreamSupport.stream(run.json().path("predicates").spliterator(), false)
                        .map(predicate -> predicate.path("name").asString()))
                .containsExactlyElementsOf(Arrays.stream(SafetyPredicate.values())
                        .map(SafetyPredicate::id)
                        .toList());
        return run;
    }

    private Process wedgedHolder() throws IOException {
        Process holder = sandbox.start("holder", List.of("/bin/sleep", "600"));
        sandbox.stop(holder.toHandle());
        sandbox.writeLock(hostName() + "-" + holder.pid());
        return holder;
    }

    private static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    }
}

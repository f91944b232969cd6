package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class LinuxHostTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path folder;

    @Tag("H09")
    @Test
    void isNamedAsTheKernelNamesIt() throws IOException {
        String uname = said(processes.start("uname", "-n"));

        assertThat(host().host()).isEqualTo(Observation.seen(uname));
    }

    @Tag("H09")
    @Test
    @Needs(Need.NAMESPACES)
    void seesANameThatWasChanged() throws Exception {
        assertThat(renamed("My.Odd-Host.example-7")).contains("host=Seen[value=My.Odd-Host.example-7]");
    }

    @Tag("H09")
    @Test
    @Needs(Need.NAMESPACES)
    void readsTheLongestNameWhole() throws Exception {
        String longest = "h".repeat(64);

        assertThat(renamed(longest)).contains("host=Seen[value=" + longest + "]");
    }

    @Tag("H09")
    @Test
    @Needs(Need.NAMESPACES)
    void doesNotKnowANameThatIsNotUtf8() throws Exception {
        assertThat(renamed("a\\0377b")).contains("host=Unknown[reason=this host's name is not UTF-8 text]");
    }

    @Tag("H09")
    @Test
    void doesNotAskTheEnvironment() {
        String read = processes
                .jvm(List.of(), Map.of("HOSTNAME", "elsewhere", "HOST", "elsewhere"), "-", folder, "host")
                .hear();

        assertThat(read).startsWith("HostIdentity[").doesNotContain("elsewhere");
    }

    @Test
    @Tag("H41")
    void tellsAFileOfThisBootFromOneOfAnEarlier() throws IOException {
        Proc proc = new Proc(Path.of("/proc"));
        Path written = Files.createFile(folder.resolve("written"));
        assertThat(proc.mayBeSinceBoot(Files.getLastModifiedTime(written).toInstant()))
                .isTrue();
        assertThat(proc.mayBeSinceBoot(Instant.EPOCH)).isFalse();
        assertThat(new Proc(folder).mayBeSinceBoot(Instant.EPOCH)).isTrue();
    }

    @Test
    void readsWhatNamesTheBootAndTheMachine() throws IOException {
        assertThat(host().bootId())
                .isEqualTo(Observation.seen(Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .trim()));
        if (Files.exists(Path.of("/etc/machine-id"))) {
            assertThat(host().machineId())
                    .isEqualTo(Observation.seen(
                            Files.readString(Path.of("/etc/machine-id")).trim()));
        }
    }

    @Test
    void readsTheLaunchersOwnIdentity() throws IOException {
        assertThat(host().pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(host().user()).isEqualTo(Observation.seen(said(processes.start("id", "-u"))));
        assertThat(host().pidNamespace())
                .isEqualTo(Observation.seen(
                        Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString()));
    }

    @Tag("H10")
    @Test
    void knowsNeitherUserNorNamespaceFromTheProcOfAnotherNamespace() throws IOException {
        Proc other =
                new FakeProc(folder, "1").show(ProcessHandle.current().pid()).proc();

        HostIdentity host = new LinuxHost(other).read();

        assertThat(host.user()).isInstanceOf(Observation.Unknown.class);
        assertThat(host.pidNamespace()).isInstanceOf(Observation.Unknown.class);
        assertThat(other.ownUid()).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H10")
    @Test
    void knowsNothingFromAProcThatIsNotThere() {
        HostIdentity host = new LinuxHost(new Proc(folder.resolve("missing"))).read();

        assertThat(host.user()).isInstanceOf(Observation.Unknown.class);
        assertThat(host.pidNamespace()).isInstanceOf(Observation.Unknown.class);
    }

    private String renamed(String name) {
        List<String> before = List.of(
                "unshare", "-u", "sh", "-c", "printf '%b\\n' \"$0\" > /proc/sys/kernel/hostname; exec \"$@\"", name);
        return processes
                .jvm(before, Map.of("HOSTNAME", "elsewhere"), "-", folder, "host")
                .hear();
    }

    private static HostIdentity host() {
        return new LinuxHost(new Proc(Path.of("/proc"))).read();
    }

    private static String said(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    }

    @Test
    @Tag("H10")
    void takesNoWordThatAllMachinesOfAnImageShareForAMachineId() {
        assertThat(LinuxHost.machineId("3d1219c7c4c5404aaa1f6d2a48adfda4"))
                .isEqualTo(Observation.seen("3d1219c7c4c5404aaa1f6d2a48adfda4"));
        assertThat(LinuxHost.machineId("uninitialized")).isInstanceOf(Observation.Absent.class);
    }
}

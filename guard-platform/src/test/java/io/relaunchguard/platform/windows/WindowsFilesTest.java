package io.relaunchguard.platform.windows;

import static io.relaunchguard.platform.Markers.marker;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.platform.file.FileMarkerStore;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("windows")
class WindowsFilesTest {

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    @TempDir
    Path another;

    private ProfilePorts ports;

    @BeforeEach
    void open() {
        ports = new WindowsPlatform().open(profile);
    }

    @Tag("H05")
    @Test
    void writesClaimsAndDiscardsAMarker() throws IOException {
        ports.markers().write(marker("older"));
        ports.markers().write(marker("newer"));
        assertThat(ports.markers().peek()).isEqualTo(new MarkerReading.Valid(marker("newer")));

        assertThat(ports.markers().claim()).isEqualTo(new MarkerReading.Valid(marker("newer")));
        assertThat(ports.markers().readClaim()).isEqualTo(new MarkerReading.Valid(marker("newer")));
        assertThat(names()).containsExactly("RelaunchGuard.claim");

        ports.markers().discardClaim();
        assertThat(ports.markers().claim()).isInstanceOf(MarkerReading.Absent.class);
        assertThat(names()).isEmpty();
    }

    @Tag("H05")
    @Test
    void withdrawsAMarkerThatIsClaimedAlready() throws IOException {
        ports.markers().write(marker("newer"));
        ports.markers().claim();

        ports.markers().withdraw("newer");

        assertThat(ports.markers().readClaim()).isInstanceOf(MarkerReading.Absent.class);
    }

    @Tag("H05")
    @Test
    void doesNotBelieveAMarkerOfAnotherUser() throws IOException {
        ports.markers().write(marker("newer"));
        FileTrust other = new FileTrust("S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1001");

        MarkerReading read = new FileMarkerStore(profile, new WindowsFiles(() -> Observation.seen(other))).peek();

        assertThat(read).isEqualTo(new MarkerReading.Invalid("the marker belongs to another user"));
        assertThat(new FileMarkerStore(profile, new WindowsFiles(() -> Observation.unknown("no token"))).peek())
                .isEqualTo(new MarkerReading.Unreadable("no token"));
    }

    @Tag("H05")
    @Test
    void doesNotBelieveAMarkerThatOthersMayWrite() throws IOException {
        ports.markers().write(marker("newer"));
        grantToEverybody(profile.resolve("RelaunchGuard.marker"));

        assertThat(ports.markers().peek()).isEqualTo(new MarkerReading.Invalid("the marker may be changed by S-1-1-0"));
    }

    @Tag("H05")
    @Test
    void givesAMarkerToNobodyElse() throws IOException {
        ports.markers().write(marker("newer"));

        List<AclEntry> rights = Files.getFileAttributeView(
                        profile.resolve("RelaunchGuard.marker"), AclFileAttributeView.class)
                .getAcl();

        // Wine lists the system with any file that its owner may use.
        assertThat(rights)
                .extracting(AclEntry::principal)
                .contains(Files.getOwner(profile))
                .doesNotContain(everybody());
    }

    private static UserPrincipal everybody() throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName("Everyone");
    }

    private static void grantToEverybody(Path file) throws IOException {
        AclFileAttributeView view = Files.getFileAttributeView(file, AclFileAttributeView.class);
        List<AclEntry> rights = new ArrayList<>(view.getAcl());
        rights.add(AclEntry.newBuilder()
                .setType(AclEntryType.ALLOW)
                .setPrincipal(everybody())
                .setPermissions(AclEntryPermission.WRITE_DATA, AclEntryPermission.READ_DATA)
                .build());
        view.setAcl(rights);
    }

    @Tag("H05")
    @Test
    void doesNotBelieveAMarkerWithSeveralLinks() throws IOException {
        ports.markers().write(marker("newer"));
        Files.createLink(profile.resolve("second"), profile.resolve("RelaunchGuard.marker"));

        assertThat(ports.markers().peek()).isEqualTo(new MarkerReading.Invalid("the marker has several links"));
    }

    @Tag("H05")
    @Test
    void doesNotBelieveADirectory() throws IOException {
        Files.createDirectory(profile.resolve("RelaunchGuard.marker"));

        assertThat(ports.markers().peek()).isEqualTo(new MarkerReading.Invalid("the marker is not a regular file"));
    }

    @Test
    void knowsADirectoryByItselfAndNotByItsName() throws IOException {
        Observation<String> before = ports.markers().profileIdentity();
        Path moved = another.resolve("moved");
        Files.move(profile, moved);
        try {
            assertThat(new WindowsPlatform().open(moved).markers().profileIdentity())
                    .isEqualTo(before)
                    .isInstanceOf(Observation.Seen.class);
        } finally {
            Files.move(moved, profile);
        }
        assertThat(new WindowsPlatform().open(another).markers().profileIdentity())
                .isNotEqualTo(before)
                .isInstanceOf(Observation.Seen.class);
        assertThat(new WindowsPlatform()
                        .open(another.resolve("missing"))
                        .markers()
                        .profileIdentity())
                .isInstanceOf(Observation.Unknown.class);
    }

    @Test
    void keepsTheLinesOfTwoProcessesThatWriteAtOnce() {
        List<Conversation> writers = List.of(
                processes.jvm(WindowsChild.class, "append", profile, ":a".repeat(400)),
                processes.jvm(WindowsChild.class, "append", profile, ":b".repeat(400)));
        writers.forEach(writer -> assertThat(writer.hear()).isEqualTo("appended"));

        List<String> lines = ports.history().lines();

        assertThat(lines).allMatch(line -> line.matches("\\d+((:a){400}|(:b){400})"));
        assertThat(lines).doesNotHaveDuplicates().hasSizeGreaterThan(100);
        assertThat(names()).contains("RelaunchGuard.history", "RelaunchGuard.history.1");
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(profile)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

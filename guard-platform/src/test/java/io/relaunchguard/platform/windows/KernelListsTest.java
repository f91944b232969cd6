package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Structure;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Lineage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is made of the kernel's lists, on any system. */
class KernelListsTest {

    private static final int RUNNING = 2;
    private static final int WAITING = 5;
    private static final int SUSPENDED = 5;

    @Test
    void readsEveryProcess() {
        ByteBuffer list = buffer(3 * 512);
        process(list, 0, 512, 4, 100, 0);
        process(list, 512, 512, 8, 200, 4, WAITING, SUSPENDED, WAITING, SUSPENDED);
        process(list, 1024, 0, 12, 300, 8, WAITING, SUSPENDED, RUNNING, 0);

        assertThat(ProcessSnapshot.parse(list).processes().values())
                .containsExactlyInAnyOrder(
                        new ProcessSnapshot.Entry(4, 100, 0, false),
                        new ProcessSnapshot.Entry(8, 200, 4, true),
                        new ProcessSnapshot.Entry(12, 300, 8, false));
    }

    @Tag("H06")
    @Test
    void tellsTheLine() {
        ProcessSnapshot all = snapshot(entry(40, 1, 4), entry(44, 2, 40), entry(48, 3, 44), entry(52, 4, 40));

        assertThat(lineage(all, 44, 44)).isEqualTo(Observation.seen(Lineage.SELF));
        assertThat(lineage(all, 48, 44)).isEqualTo(Observation.seen(Lineage.DESCENDANT));
        assertThat(lineage(all, 40, 48)).isEqualTo(Observation.seen(Lineage.ANCESTOR));
        assertThat(lineage(all, 52, 44)).isEqualTo(Observation.seen(Lineage.UNRELATED));
        assertThat(lineage(all, 52, 60)).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H02")
    @Test
    void doesNotTakeAYoungerProcessWithTheParentsPidForTheParent() {
        ProcessSnapshot all = snapshot(entry(40, 9, 4), entry(44, 2, 40), entry(48, 3, 44));

        assertThat(lineage(all, 40, 48)).isEqualTo(Observation.seen(Lineage.UNRELATED));
        assertThat(all.helpersOf(all.processes().get(40L), 4)).isEmpty();
    }

    @Tag("H16")
    @Test
    void countsNobodyOfItsOwnLineAmongTheHelpers() {
        ProcessSnapshot all = snapshot(
                entry(40, 1, 4),
                entry(44, 2, 40),
                entry(48, 3, 44),
                entry(52, 4, 40),
                entry(56, 5, 52),
                entry(60, 6, 4));

        assertThat(all.helpersOf(all.processes().get(40L), 44))
                .extracting(ProcessSnapshot.Entry::pid)
                .containsExactlyInAnyOrder(52L, 56L);
        assertThat(all.helpersOf(all.processes().get(40L), 99)).isEmpty();
    }

    @Tag("H02")
    @Test
    void findsAProcessByItsPidAndItsCreation() {
        ProcessSnapshot all = snapshot(entry(40, 1, 4));

        assertThat(all.find(40, 1)).isEqualTo(Observation.seen(entry(40, 1, 4)));
        assertThat(all.find(40, 2)).isInstanceOf(Observation.Unknown.class);
        assertThat(all.find(44, 1)).isInstanceOf(Observation.Unknown.class);
    }

    @Test
    void endsWithProcessesThatAreEachOthersParents() {
        ProcessSnapshot all = snapshot(entry(40, 1, 44), entry(44, 1, 40), entry(48, 1, 48));

        assertThat(lineage(all, 48, 40)).isEqualTo(Observation.seen(Lineage.UNRELATED));
    }

    @Test
    void readsEveryHandle() {
        ByteBuffer list = buffer(16 + 2 * 40);
        list.putLong(0, 2);
        list.putLong(16 + 8, 4711)
                .putLong(16 + 16, 900)
                .putInt(16 + 24, 0x130196)
                .putShort(16 + 30, (short) 17);
        list.putLong(56 + 8, 8).putLong(56 + 16, 4).putInt(56 + 24, 0x120196).putShort(56 + 30, (short) 0x8001);

        HandleList handles = HandleList.parse(list);

        assertThat(handles.handles())
                .containsExactly(
                        new HandleList.Entry(4711, 900, 0x130196, 17), new HandleList.Entry(8, 4, 0x120196, 0x8001));
        assertThat(handles.typeOf(4711, 900)).isEqualTo(Observation.seen(17));
        assertThat(handles.typeOf(4711, 4)).isInstanceOf(Observation.Unknown.class);
        assertThat(handles.handles())
                .extracting(handle -> handle.allows(0x10002))
                .containsExactly(true, false);
    }

    @Test
    void readsWhomTheRestartManagerNames() {
        ByteBuffer list = buffer(2 * 668);
        list.putInt(0, 4711).putLong(4, 134_400_966_622_196_000L);
        list.putInt(668, 8).putLong(672, 5);

        assertThat(RestartManager.parse(list, 2))
                .isEqualTo(List.of(new Holder(4711, 134_400_966_622_196_000L), new Holder(8, 5)));
        assertThat(RestartManager.parse(list, 0)).isEmpty();
    }

    /** As restartmanager.h declares it; a WCHAR has two bytes on Windows alone. */
    @Structure.FieldOrder({
        "processId",
        "startLow",
        "startHigh",
        "appName",
        "serviceShortName",
        "applicationType",
        "appStatus",
        "sessionId",
        "restartable"
    })
    public static final class RmProcessInfo extends Structure {
        public int processId;
        public int startLow;
        public int startHigh;
        public short[] appName = new short[255 + 1];
        public short[] serviceShortName = new short[63 + 1];
        public int applicationType;
        public int appStatus;
        public int sessionId;
        public int restartable;

        int offsetOfStart() {
            return fieldOffset("startLow");
        }
    }

    @Test
    void knowsTheRestartManagersStructure() {
        assertThat(RestartManager.SIZE).isEqualTo(new RmProcessInfo().size());
        assertThat(RestartManager.CREATED).isEqualTo(new RmProcessInfo().offsetOfStart());
    }

    @Tag("H12")
    @Test
    void takesNoHolderFromTheRestartManagerButASingleOneThatItNames() {
        ByteBuffer list = buffer(2 * 668).putInt(0, 4711).putLong(4, 5);

        assertThat(RestartManager.answer(0, list, 1)).isEqualTo(Observation.seen(new Holder(4711, 5)));
        assertThat(RestartManager.answer(0, list, 0)).isInstanceOf(Observation.Absent.class);
        assertThat(RestartManager.answer(0, list, 2)).isInstanceOf(Observation.Unknown.class);
    }

    @Tag("H14")
    @Test
    void theBootKeepsItsIdWhenTheClockIsSet() {
        ByteBuffer before = buffer(48).putLong(0, 134_400_966_601_304_140L);
        ByteBuffer after =
                buffer(48).putLong(0, 134_400_966_601_304_140L + 36_000).putLong(32, 36_000);

        assertThat(WindowsHost.bootId(after))
                .isEqualTo(WindowsHost.bootId(before))
                .isEqualTo("134400966601304140");
    }

    @Tag("H07")
    @Test
    void namesTheMutexForTheUserAndTheProfile() {
        String name = MutexLaunchLock.name("S-1-5-21-1", "a:b");

        assertThat(name).matches("Global\\\\RelaunchGuard-S-1-5-21-1-[0-9a-f]{32}");
        assertThat(MutexLaunchLock.name("S-1-5-21-2", "a:b")).isNotEqualTo(name);
        assertThat(MutexLaunchLock.name("S-1-5-21-1", "a:c")).isNotEqualTo(name);
    }

    @Test
    void isForSixtyFourBitWindowsAlone() {
        assertThat(WindowsPlatform.isCurrent("Windows 11", "amd64")).isTrue();
        assertThat(WindowsPlatform.isCurrent("Windows 11", "aarch64")).isTrue();
        assertThat(WindowsPlatform.isCurrent("Windows 10", "x86")).isFalse();
        assertThat(WindowsPlatform.isCurrent("Linux", "amd64")).isFalse();
    }

    @Test
    void quotesWhatThereIsToQuote() {
        assertThat(CommandLineText.of(List.of("C:\\a b\\c.exe", "", "a\"b", "c\\", "d\\\"e")))
                .isEqualTo("\"C:\\a b\\c.exe\" \"\" \"a\\\"b\" \"c\\\\\" \"d\\\\\\\"e\"");
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void process(
            ByteBuffer list, int at, int next, long pid, long created, long parent, int... threads) {
        list.putInt(at, next).putInt(at + 4, threads.length / 2);
        list.putLong(at + 32, created).putLong(at + 80, pid).putLong(at + 88, parent);
        for (int i = 0; i < threads.length; i += 2) {
            list.putInt(at + 256 + i / 2 * 80 + 68, threads[i]).putInt(at + 256 + i / 2 * 80 + 72, threads[i + 1]);
        }
    }

    private static ProcessSnapshot.Entry entry(long pid, long created, long parent) {
        return new ProcessSnapshot.Entry(pid, created, parent, false);
    }

    private static ProcessSnapshot snapshot(ProcessSnapshot.Entry... entries) {
        Map<Long, ProcessSnapshot.Entry> all =
                Stream.of(entries).collect(Collectors.toMap(ProcessSnapshot.Entry::pid, Function.identity()));
        return new ProcessSnapshot(all);
    }

    private static Observation<Lineage> lineage(ProcessSnapshot all, long pid, long self) {
        return all.lineage(all.processes().get(pid), self);
    }
}

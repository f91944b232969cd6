package io.relaunchguard.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the record of the instance that was let through heals, what it does not, and when it is written. */
class InstanceRecordTest {

    private World world = new World();

    // What it heals.

    @Test
    @Tag("H09")
    void healsALockThatWasLeftUnderAnOlderHostName() {
        world = Scenario.HOST_RENAMED_AFTER_A_KILL.world();
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.summary())
                .isEqualTo(
                        "The guard removed a stale lock: process 200, which made it on this host under the name \"desk\","
                                + " has exited.");
        assertThat(world.lock).isInstanceOf(Observation.Absent.class);
        assertThat(world.signals).isEmpty();
        assertThat(world.elapsedMillis()).isZero();
    }

    @Test
    @Tag("H09")
    void healsALockOfAnEarlierBootThoughItsPidBelongsToSomebodyNow() {
        world = Scenario.PID_TAKEN_AFTER_AN_EARLIER_BOOT.world();
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.summary()).contains("in an earlier boot of this machine");
        assertThat(world.at(200).orElseThrow().isAlive()).isTrue();
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H02")
    void healsALockWhosePidBelongsToAnotherProcessNow() {
        WorldProcess old = world.process(200);
        world.instance(old);
        world.recycle(old);
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(report.summary()).contains("its PID belongs to another process now");
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H11")
    void healsALockOfAContainerThatIsGone() {
        containerRestarted("life");
        world.lifeLockIsFree = Observation.seen(true);
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    // What it does not.

    @Test
    @Tag("H11")
    void isHeldWhileTheContainersInstanceLives() {
        containerRestarted("life");
        world.lifeLockIsFree = Observation.seen(false);
        assertHeld("is alive in another PID namespace");
    }

    @Test
    @Tag("H11")
    void isHeldByALockOfAContainerWhoseInstanceKeptNoLifeLock() {
        containerRestarted("");
        world.lifeLockIsFree = Observation.seen(true);
        assertHeld("such as a container's");
    }

    @Test
    @Tag("H09")
    void isHeldByALiveInstanceWhateverTheHostIsCalledNow() {
        world = Scenario.HOST_RENAMED_WHILE_IT_RUNS.world();
        assertHeld("Process 200");
        assertThat(world.at(200).orElseThrow().isAlive()).isTrue();
    }

    @Test
    @Tag("H05")
    void isHeldInACopyOfTheProfile() {
        renamedAfterAKill();
        world.profile = Observation.seen("dev 1 inode 3");
        assertHeld("of another profile directory");
    }

    @Test
    @Tag("H12")
    void isHeldWhereTheRunningBootIsNotKnown() {
        renamedAfterAKill();
        world.bootId = Observation.unknown("no /proc");
        assertHeld("the running boot is not known");
    }

    @Test
    @Tag("H10")
    void isHeldByALockOfAnotherMachine() {
        renamedAfterAKill();
        world.bootId = Observation.seen("boot-2");
        world.machineId = Observation.seen("machine-2");
        assertHeld("not provably on this machine");
    }

    @Test
    @Tag("H12")
    void isHeldByARecordThatIsTorn() {
        renamedAfterAKill();
        world.record = Observation.unknown("the instance record is torn");
        assertHeld("the instance record is torn");
    }

    @Test
    @Tag("H12")
    void isHeldWhereNobodyCanTellWhoHasThePid() {
        renamedAfterAKill();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.PIN || port == Port.LOOK) {
                    throw new Unknown("permission denied");
                }
            }
        };
        assertHeld("permission denied");
    }

    @Test
    @Tag("H08")
    void isHeldByALaterLockThatSaysTheSame() {
        world.instance(world.process(200));
        world.lockIs(world.lock);
        world.reboot();
        world.process(200);
        assertThat(launch().outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H10")
    void isHeldWhileANamesakeInAnotherNamespaceUsesTheProfileWhateverTheRecordShows() {
        WorldProcess old = world.process(200);
        world.instance(old);
        world.exit(old);
        world.namesake = Observation.unknown("it may be one");
        assertHeld("another PID namespace");
    }

    @Test
    @Tag("H05")
    void isNoConsent() {
        world.instance(world.process(200));
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H07")
    void removesNothingWithoutTheLaunchLock() {
        renamedAfterAKill();
        world.launchLock = World.LaunchLockOwner.BROKEN;
        assertHeld("not removed without the launch lock");
    }

    // When it is written.

    @Test
    @Tag("H09")
    void isWrittenForTheBrowserThatIsThisProcess() {
        permit().closeOnceLocked();
        world.lockNames(world.launcher);
        InstanceRecord record = world.record.toOptional().orElseThrow();
        assertThat(record.lock()).isEqualTo(new SingletonLock(World.HOST, world.launcher.pid));
        assertThat(record.start()).isEqualTo(world.launcher.start);
        assertThat(record.lockedSince()).contains(world.lockedSince());
        assertThat(record.lifeLock()).isNotEmpty();
        assertThat(world.launchLock).isEqualTo(World.LaunchLockOwner.NOBODY);
        assertThat(world.violations).isEmpty();
        assertThat(world.open).isEmpty();
    }

    @Test
    @Tag("H09")
    void isWrittenForABrowserThatThisProcessStartedButKeepsNoLifeLockForIt() {
        LaunchPermit permit = permit();
        world.lockNames(world.child(world.launcher, 201));
        permit.close();
        assertThat(world.record.map(InstanceRecord::lifeLock)).isEqualTo(Observation.seen(""));
        assertThat(world.record.map(InstanceRecord::lock)).isEqualTo(world.lock);
        assertThat(world.calls).doesNotContain(Port.LIFE_LOCK_KEEP);
    }

    @Test
    @Tag("H08")
    void isNotWrittenForABrowserThatNobodyLetThrough() {
        LaunchPermit permit = permit();
        world.lockNames(world.process(201));
        permit.close();
        assertNotWritten();
    }

    @Test
    @Tag("H10")
    void isNotWrittenForALockOfAnotherHost() {
        LaunchPermit permit = permit();
        world.lockIs(Observation.seen(new SingletonLock("elsewhere", world.launcher.pid)));
        permit.close();
        assertNotWritten();
    }

    @Test
    @Tag("H10")
    void isNotWrittenForAProcessOfAnotherNamespace() {
        LaunchPermit permit = permit();
        WorldProcess contained = world.child(world.launcher, 201);
        contained.namespace = Observation.seen("pid:[7]");
        world.lockNames(contained);
        permit.close();
        assertNotWritten();
    }

    @Test
    @Tag("H41")
    void namesTheLauncherThatWasLetThroughUntilItEnds() {
        permit().close();
        assertNotWritten();
        assertThat(world.calls).doesNotContain(Port.LIFE_LOCK_KEEP);
        permit().close(); // in the same process
        instanceWithoutALock();

        assertHeldWithoutALock("Process 200");

        world.exit(world.at(200).orElseThrow());
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H41")
    void namesNobodyOnceThePermitIsGivenBackUnused() {
        permit().giveBack();
        assertThat(world.record.map(InstanceRecord::ended)).isEqualTo(Observation.seen(true));
        assertThat(world.launchLock).isEqualTo(World.LaunchLockOwner.NOBODY);
        assertThat(world.violations).isEmpty();
    }

    @Test
    @Tag("H41")
    void namesAHolderThatIsEndedIfItConsents() {
        WorldProcess instance = instanceWithoutALock();
        world.consent(instance);
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.READY);
        assertThat(world.signals).isNotEmpty().allMatch(signal -> signal.receiver() == instance);
    }

    @Test
    @Tag("H30")
    @Tag("H41")
    void sparesAConsentingHolderWhileAnotherInstanceIsRecorded() {
        WorldProcess instance = instanceWithoutALock();
        WorldProcess holder = world.process(201);
        world.lockNames(holder);
        world.consent(holder);
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.verdict().orElseThrow().toString()).contains("names another live process, 200");
        assertThat(world.signals).isEmpty();
        assertThat(instance.isAlive()).isTrue();
    }

    @Test
    @Tag("H30")
    void keepsALifeLockWhereNotEverybodySeesEverybody() {
        world.everybody = Observation.unknown("a sandbox");
        permit().close();
        assertThat(world.record.map(InstanceRecord::lifeLock)).isEqualTo(Observation.seen("life"));
    }

    @Test
    @Tag("H30")
    @Tag("H41")
    void keepsALifeLockOnceTheInstanceHasItsPermitThoughEverybodySeesIt() {
        LaunchPermit permit = permit();
        assertThat(world.calls).doesNotContain(Port.LIFE_LOCK_KEEP);

        permit.closeOnceLocked();

        assertThat(world.record.map(InstanceRecord::lifeLock)).isEqualTo(Observation.seen("life"));
        assertThat(world.record.map(record -> record.lock().pid())).isEqualTo(Observation.seen(world.launcher.pid));
        assertThat(world.violations).isEmpty();
        permit.close();
        assertNotWritten();
    }

    @Test
    @Tag("H30")
    @Tag("H41")
    void doesNotTakeTheLifeLockOfItsLauncherForThatOfTheProcessInItsPlace() {
        LaunchPermit permit = permit();
        permit.usedBy(world.child(world.launcher, 201).pid);

        permit.closeOnceLocked();

        assertThat(world.calls).contains(Port.LIFE_LOCK_KEEP);
        assertThat(world.record.map(record -> record.lock().pid())).isEqualTo(Observation.seen(201L));
        assertThat(world.record.map(InstanceRecord::lifeLock)).isEqualTo(Observation.seen(""));
        permit.close();
    }

    @Test
    @Tag("H26")
    @Tag("H46")
    void thePermitStaysAsItIsThoughTheLifeLockCannotBeTaken() {
        LaunchPermit permit = permit();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.LIFE_LOCK_KEEP) {
                    throw new Unknown("the native library cannot be loaded");
                }
            }
        };

        permit.closeOnceLocked();

        assertThat(world.launchLock).isEqualTo(World.LaunchLockOwner.THIS_LAUNCHER);
        assertThat(world.record.map(InstanceRecord::lifeLock)).isEqualTo(Observation.seen(""));
        permit.close();
        assertNotWritten();
    }

    @Test
    @Tag("H43")
    void aPermitThatIsClosedWhileTheLifeLockIsWrittenDownLetsGoAfterwards() {
        LaunchPermit permit = permit();
        closeAtTheNextWrite(permit);

        permit.closeOnceLocked();

        assertLetGo();
    }

    @Test
    @Tag("H43")
    void aPermitThatIsClosedWhileAnotherProcessIsWrittenDownLetsGoAfterwards() {
        LaunchPermit permit = permit();
        closeAtTheNextWrite(permit);

        permit.usedBy(world.child(world.launcher, 201).pid);

        assertThat(world.record.map(record -> record.lock().pid())).isEqualTo(Observation.seen(201L));
        assertLetGo();
    }

    private void closeAtTheNextWrite(LaunchPermit permit) {
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.RECORD_WRITE) {
                    world.hook = new CallHook() {};
                    permit.close();
                    assertThat(world.launchLock).isEqualTo(World.LaunchLockOwner.THIS_LAUNCHER);
                }
            }
        };
    }

    private void assertLetGo() {
        assertThat(world.launchLock).isEqualTo(World.LaunchLockOwner.NOBODY);
        assertThat(world.violations).isEmpty();
        assertThat(world.open).isEmpty();
    }

    @Test
    @Tag("H30")
    void isHeldByAFreePidWhereNotEverybodyIsSeen() {
        world = Scenario.STALE_LOCK.world();
        world.everybody = Observation.unknown("a sandbox");
        assertHeld("cannot be seen from here, which does not show that it is gone: a sandbox");
    }

    @Test
    @Tag("H30")
    void healsWhereNotEverybodyIsSeenByTheRecordOfThisNamespace() {
        WorldProcess old = world.process(200);
        world.instance(old);
        world.exit(old);
        world.everybody = Observation.unknown("hidepid");
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H31")
    void isHeldByAnotherStartThatWasReadInAnotherTimeNamespace() {
        WorldProcess old = world.process(200);
        world.instance(old);
        world.recycle(old);
        world.timeNamespace = Observation.seen("time:[7]");
        assertThat(launch().outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H42")
    void remembersHelpersThatOutliveTheirHolder() {
        world = Scenario.HELPER_STAYS.world();
        assertThat(launch().outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.record.map(InstanceRecord::survivors))
                .isEqualTo(Observation.seen(
                        List.of(new InstanceRecord.Survivor(201, world.at(201).orElseThrow().start))));
        assertThat(world.record.map(InstanceRecord::ended)).isEqualTo(Observation.seen(true));

        assertHeldWithoutALock("still have its files open: [201]");

        world.at(201).orElseThrow().hasFilesOpen = false;
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H41")
    @Tag("H42")
    void whatACommandLeftWithFilesOfTheProfileOpenHoldsLaunchesUntilItEnds() {
        WorldProcess command = commandInPlaceOfTheLauncher();
        WorldProcess application = world.child(command, 202);
        application.innocent = false;
        application.hasFilesOpen = true;
        world.child(command, 203);
        world.exit(command);
        world.reap(command);

        assertHeldWithoutALock("still have its files open: [202]");
        assertHeldWithoutALock("still have its files open: [202]");

        world.exit(application);
        world.reap(application);
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("H41")
    @Tag("H31")
    void whatACommandLeftIsLookedForFromOtherNamespacesToo(boolean ofTime) {
        WorldProcess command = commandInPlaceOfTheLauncher();
        WorldProcess application = world.child(command, 202);
        application.innocent = false;
        application.hasFilesOpen = true;
        world.exit(command);
        world.reap(command);
        InstanceRecord ended = world.record.toOptional().orElseThrow().asEnded(List.of());
        world.record = Observation.seen(ended);
        if (ofTime) {
            world.timeNamespace = Observation.seen("time:[7]");
        } else {
            world.namespace = Observation.seen("pid:[7]");
        }

        assertHeldWithoutALock("still have its files open: [202]");

        world.exit(application);
        world.reap(application);
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H41")
    void aCommandThatEndedBeforeItWasRecordedMayHaveLeftTheApplicationToo() {
        LaunchPermit permit = permit();
        WorldProcess command = world.child(world.launcher, 201);
        world.exit(command);
        world.reap(command);

        permit.usedBy(command.pid);
        permit.close();

        assertThat(world.record.map(record -> record.lock().pid())).isEqualTo(Observation.seen(world.launcher.pid));
        assertThat(world.record.map(InstanceRecord::command)).isEqualTo(Observation.seen(true));
    }

    @Test
    @Tag("H41")
    void looksForNothingThatACommandLeftOnceItsBrowserLockWasThere() {
        LaunchPermit permit = permit();
        WorldProcess browser = world.child(world.launcher, 201);
        permit.usedBy(browser.pid);
        assertThat(world.record.map(InstanceRecord::command)).isEqualTo(Observation.seen(true));
        world.lockNames(browser);

        permit.close();

        assertThat(world.record.map(InstanceRecord::command)).isEqualTo(Observation.seen(false));
    }

    private WorldProcess commandInPlaceOfTheLauncher() {
        LaunchPermit permit = permit();
        WorldProcess command = world.child(world.launcher, 201);
        permit.usedBy(command.pid);
        permit.close();
        return command;
    }

    @Test
    @Tag("H42")
    void remembersAConsentingProcessThatLetGoOfItsLockButNotOfItsFiles() {
        WorldProcess old = world.process(200);
        old.hasFilesOpen = true;
        world.consent(old);
        assertHeldWithoutALock("still have its files open: [200]");
        assertHeldWithoutALock("still have its files open: [200]");
        world.recycle(old);
        assertThat(launch().outcome()).isEqualTo(Outcome.READY);
    }

    // What the exploration found.

    @Test
    @Tag("H41")
    @Tag("H26")
    void aFaultDoesNotLetALaunchPastAnInstanceWithoutALock() {
        WorldProcess instance = instanceWithoutALock();
        breakOnce(Port.RECORD_READ, false);
        assertThat(LaunchGuard.on(world.ports()).launch().report().outcome()).isEqualTo(Outcome.HELD);
        assertThat(instance.isAlive()).isTrue();
    }

    @Test
    @Tag("H42")
    void aConsentWhoseClaimBrokeStillTellsWhomToLookFor() {
        consentingWithFilesOpen();
        breakOnce(Port.MARKER_CLAIM, true);
        assertThat(LaunchGuard.on(world.ports()).launch().report().outcome()).isNotEqualTo(Outcome.READY);
    }

    @Test
    @Tag("H42")
    @Tag("H12")
    void aConsentingProcessIsLookedForThoughThisHostCannotBeTold() {
        consentingWithFilesOpen();
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.HOST_READ || port == Port.PIN) {
                    throw new Unknown("permission denied");
                }
            }
        };
        assertThat(LaunchGuard.on(world.ports()).launch().report().outcome()).isEqualTo(Outcome.HELD);
    }

    @Test
    @Tag("H42")
    @Tag("H28")
    void survivorsAreWrittenDownBeforeTheConsentIsUsedUp() {
        consentingWithFilesOpen();
        assertThat(launch().outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.calls.indexOf(Port.RECORD_WRITE))
                .isPositive()
                .isLessThan(world.calls.indexOf(Port.MARKER_DISCARD_CLAIM));
    }

    @Test
    @Tag("H42")
    @Tag("H01")
    void survivorsOfOneHolderDoNotEndAnotherInstanceThatIsRecorded() {
        world = Scenario.HELPER_STAYS.world();
        WorldProcess other = world.process(300);
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.LOCK_REMOVE
                        && !world.liveHolder().filter(other::equals).isPresent()) {
                    world.instance(other);
                }
            }
        };
        assertThat(LaunchGuard.on(world.ports()).launch().report().outcome()).isEqualTo(Outcome.HELD);
        world.hook = new CallHook() {};
        assertThat(world.record.map(InstanceRecord::ended)).isEqualTo(Observation.seen(false));
        assertThat(launch().outcome()).isEqualTo(Outcome.HELD);
        assertThat(world.lock.map(SingletonLock::pid)).isEqualTo(Observation.seen(300L));
        assertThat(other.isAlive()).isTrue();
    }

    private void consentingWithFilesOpen() {
        WorldProcess old = world.process(200);
        old.hasFilesOpen = true;
        world.consent(old);
    }

    private void breakOnce(Port broken, boolean afterEffect) {
        world.hook = new CallHook() {
            private boolean broke;

            @Override
            public void beforeCall(Port port, int index) {
                strike(port, !afterEffect);
            }

            @Override
            public void afterCall(Port port, int index) {
                strike(port, afterEffect);
            }

            private void strike(Port port, boolean due) {
                if (due && port == broken && !broke) {
                    broke = true;
                    throw new NoClassDefFoundError("com/sun/jna/Native");
                }
            }
        };
    }

    private void assertHeldWithoutALock(String why) {
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.summary()).contains(why);
        assertThat(report.advice()).isNotEmpty();
        assertThat(world.signals).noneMatch(signal -> signal.receiver().isAlive());
    }

    /** Another process was let through, and made no lock. */
    private WorldProcess instanceWithoutALock() {
        WorldProcess instance = world.process(200);
        instance.innocent = false;
        InstanceRecord locked = world.recordOf(instance);
        world.record = Observation.seen(new InstanceRecord(
                locked.lock(),
                Optional.empty(),
                locked.start(),
                locked.bootId(),
                locked.machineId(),
                locked.pidNamespace(),
                locked.timeNamespace(),
                locked.user(),
                locked.profile(),
                "",
                false,
                false,
                List.of()));
        return instance;
    }

    @Test
    void isNotWrittenWithoutALock() {
        permit().close();
        assertNotWritten();
    }

    @Test
    @Tag("H08")
    void neitherWritesNorLooksAtTheLockWhereNoneCanBeLeftBehind() {
        world.recordIsNeeded = false;
        LaunchPermit permit = permit();
        world.lockNames(world.launcher);
        world.calls.clear();
        permit.close();
        assertThat(world.record).isInstanceOf(Observation.Absent.class);
        assertThat(world.calls).doesNotContain(Port.LOCK_READ, Port.PIN);
    }

    @Test
    @Tag("H26")
    void thePermitIsClosedThoughTheRecordCannotBeWritten() {
        LaunchPermit permit = permit();
        world.lockNames(world.launcher);
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.RECORD_WRITE) {
                    throw new NoClassDefFoundError("com/sun/jna/Native");
                }
            }
        };
        permit.close();
        assertNotWritten();
    }

    private void renamedAfterAKill() {
        world = Scenario.HOST_RENAMED_AFTER_A_KILL.world();
    }

    private void containerRestarted(String lifeLock) {
        renamedAfterAKill();
        InstanceRecord of = world.record.toOptional().orElseThrow();
        world.record = Observation.seen(new InstanceRecord(
                of.lock(),
                of.lockedSince(),
                of.start(),
                of.bootId(),
                of.machineId(),
                "pid:[7]",
                of.timeNamespace(),
                of.user(),
                of.profile(),
                lifeLock,
                false,
                false,
                List.of()));
    }

    private LaunchPermit permit() {
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        return ((LaunchResult.Permitted) result).permit();
    }

    private LaunchReport launch() {
        LaunchResult result = LaunchGuard.on(world.ports()).launch();
        assertThat(world.violations).isEmpty();
        assertThat(result.report().faults()).isEmpty();
        return result.report();
    }

    private void assertHeld(String why) {
        LaunchReport report = launch();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.summary()).contains(why);
        assertThat(report.advice()).isNotEmpty();
        assertThat(world.lock).isInstanceOf(Observation.Seen.class);
        assertThat(world.signals).isEmpty();
    }

    /** Of this launcher, which was let through, but of no lock. */
    private void assertNotWritten() {
        assertThat(world.record.map(InstanceRecord::lockedSince)).isEqualTo(Observation.seen(Optional.empty()));
        assertThat(world.record.map(record -> record.lock().pid())).isEqualTo(Observation.seen(world.launcher.pid));
        assertThat(world.launchLock).isEqualTo(World.LaunchLockOwner.NOBODY);
        assertThat(world.open).isEmpty();
    }
}

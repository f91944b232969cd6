package io.relaunchguard.platform;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.relaunchguard.platform.linux.LinuxPlatform;
import io.relaunchguard.platform.windows.WindowsPlatform;
import java.time.Instant;

/** The walls round the platforms: core and JNA alone, no shelling out, no clock, no sleeping, no cycles. */
@AnalyzeClasses(packages = "io.relaunchguard.platform", importOptions = ImportOption.DoNotIncludeTests.class)
class PlatformWallsTest {

    @ArchTest
    static final ArchRule dependsOnCoreAndJnaAlone = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.relaunchguard.platform..",
                    "io.relaunchguard.core..",
                    "com.sun.jna..",
                    "org.jspecify.annotations",
                    "jdk.net",
                    "java..");

    @ArchTest
    static final ArchRule knowsNeitherSpringNorTheMachine = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "io.relaunchguard.statemachine..");

    @ArchTest
    static final ArchRule whatSystemsShareNeedsNoNativeCall = noClasses()
            .that()
            .resideInAnyPackage("..posix..", "..file..", "..socket..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "com.sun.jna..",
                    "io.relaunchguard.platform.linux..",
                    "io.relaunchguard.platform.macos..",
                    "io.relaunchguard.platform.windows..");

    @ArchTest
    static final ArchRule linuxAndMacosKnowNothingOfEachOther = slices().matching(
                    "io.relaunchguard.platform.(linux|macos)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule nothingOfMacosButTheKernelItselfCallsALibrary = noClasses()
            .that()
            .resideInAPackage("..macos..")
            .and()
            .doNotHaveSimpleName("XnuKernel")
            .and()
            .doNotHaveSimpleName("DetachedProcess")
            .and()
            .doNotHaveSimpleName("LibSystem")
            .and()
            .haveNameNotMatching(".*LibSystem\\$.*")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("LibSystem");

    @ArchTest
    static final ArchRule windowsAndTheOthersKnowNothingOfEachOther = noClasses()
            .that()
            .resideInAPackage("..windows..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..posix..", "..linux..", "..macos..")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("com.sun.jna.platform.unix..");

    @ArchTest
    static final ArchRule nothingElseLoadsALibraryOfWindows = noClasses()
            .that()
            .resideOutsideOfPackage("..windows..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "com.sun.jna.platform.win32..", "com.sun.jna.win32..", "io.relaunchguard.platform.windows..");

    @ArchTag("H24")
    @ArchTest
    static final ArchRule startsNoProcess = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(ProcessBuilder.class, Process.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class);

    /** destroy() checks and then kills. */
    @ArchTag("H02")
    @ArchTest
    static final ArchRule signalsThroughThePinAlone = noClasses()
            .should()
            .callMethod(ProcessHandle.class, "destroy")
            .orShould()
            .callMethod(ProcessHandle.class, "destroyForcibly");

    @ArchTest
    static final ArchRule neverSleeps = noClasses().should().callMethod(Thread.class, "sleep", long.class);

    @ArchTest
    static final ArchRule readsTheWallClockThroughItsPortAlone = noClasses()
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now");

    @ArchTag("H09")
    @ArchTest
    static final ArchRule asksTheKernelForItsHostName = noClasses()
            .that()
            // They ask where the user's cache directory is.
            .doNotBelongToAnyOf(LinuxPlatform.class, WindowsPlatform.class)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(java.net.InetAddress.class)
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(System.class, "getenv");

    @ArchTest
    static final ArchRule itsPackagesAreFreeOfCycles =
            slices().matching("io.relaunchguard.platform.(*)..").should().beFreeOfCycles();
}

package io.relaunchguard.statemachine;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.relaunchguard.core.process.PinnedProcess;
import java.time.Instant;

/** The walls of the module. */
@AnalyzeClasses(packages = "io.relaunchguard.statemachine", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.relaunchguard.statemachine";
    private static final String ENGINE = "io.relaunchguard.statemachine.engine";

    @ArchTest
    static final ArchRule theEngineIsUsedByTheRootPackageOnly = classes()
            .that()
            .resideInAPackage(ENGINE)
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAnyPackage(ROOT, ENGINE);

    @ArchTest
    static final ArchRule theEngineKnowsNothingOfWhatUsesIt = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT);

    /** A nested class counts as the one that it is in. */
    @ArchTest
    static final ArchRule noClassOfTheEngineKnowsOneThatKnowsIt =
            slices().assignedFrom(new ClassesOfTheEngine()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule aStateTakesWhatItNeedsAndNeverTheWholeLaunch = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .and()
            .doNotHaveSimpleName("Launch")
            .and()
            .doNotHaveSimpleName("LaunchEngine")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(ENGINE + ".Launch");

    @ArchTest
    static final ArchRule everyWayToASignalGoesThroughTheHoldersControl = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ENGINE + ".HolderControl")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".OutgoingHolder")
            .should()
            .accessTargetWhere(targetOwner(assignableTo(PinnedProcess.class))
                    .and(nameMatching("requestExit|forceExit|resumeIfStopped").onResultOf(JavaAccess::getTarget)));

    @ArchTest
    static final ArchRule noPlatformIsKnown = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.relaunchguard.platform..", "com.sun.jna..", "io.relaunchguard.it..");

    @ArchTest
    static final ArchRule springStaysInTheMachine = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .and()
            .doNotHaveSimpleName("LifecycleMachine")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework.statemachine..", "reactor..");

    @ArchTest
    static final ArchRule timeComesFromTheClockPort = noClasses()
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethodWhere(target(owner(name("java.lang.Thread"))).and(target(name("sleep"))))
            .orShould()
            .dependOnClassesThat(resideInAPackage("java.util.concurrent.locks.."));

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.relaunchguard.(**)").should().beFreeOfCycles();

    private static final class ClassesOfTheEngine implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass seen) {
            JavaClass outermost = seen;
            while (outermost.getEnclosingClass().isPresent()) {
                outermost = outermost.getEnclosingClass().get();
            }
            return seen.getPackageName().equals(ENGINE)
                    ? SliceIdentifier.of(outermost.getSimpleName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "classes of the engine";
        }
    }
}

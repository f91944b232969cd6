package io.relaunchguard.statemachine;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
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
}

package io.relaunchguard.core;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** The walls round the core: pure rules, no I/O, no clock, no threads, no cycles. */
@AnalyzeClasses(packages = "io.relaunchguard.core", importOptions = ImportOption.DoNotIncludeTests.class)
class CoreWallsTest {

    @ArchTest
    static final ArchRule dependsOnTheJdkAndJSpecifyAlone = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.relaunchguard.core..",
                    "org.jspecify.annotations",
                    "java.lang..",
                    "java.util..",
                    "java.time..",
                    "java.io",
                    "java.nio",
                    "java.nio.charset",
                    "java.nio.file");

    @ArchTest
    static final ArchRule knowsNoFileButItsPathAndItsErrors = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("java.io..")
                    .or(resideInAPackage("java.nio.file.."))
                    .or(resideInAPackage("java.nio.channels.."))
                    .and(DescribedPredicate.not(type(IOException.class)
                            .or(type(UncheckedIOException.class))
                            .or(type(Path.class)))));

    @ArchTest
    static final ArchRule asksNothingOfAPath = noClasses().should().accessTargetWhere(targetOwner(type(Path.class)));

    @ArchTest
    static final ArchRule knowsNoThreadAndNoProcess = noClasses()
            .should()
            .dependOnClassesThat(type(Thread.class)
                    .or(type(ThreadGroup.class))
                    .or(type(Process.class))
                    .or(type(ProcessBuilder.class))
                    .or(assignableTo(ProcessHandle.class))
                    .or(type(Runtime.class))
                    .or(type(Timer.class))
                    .or(assignableTo(Executor.class))
                    .or(assignableTo(Future.class)));

    @ArchTest
    static final ArchRule hasNoClockOfItsOwn = noClasses()
            .should()
            .accessTargetWhere(targetOwner(resideInAPackage("java.time..")).and(targetName("now")))
            .orShould()
            .accessTargetWhere(targetOwner(type(System.class)))
            .orShould()
            .dependOnClassesThat(assignableTo(Clock.class).or(type(java.util.Date.class)));

    @ArchTest
    static final ArchRule itsPackagesAreFreeOfCycles =
            slices().matching("io.relaunchguard.core.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule itsRootKnowsNoneOfItsFeatures = classes()
            .that()
            .resideInAPackage("io.relaunchguard.core")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.relaunchguard.core", "java..", "org.jspecify.annotations");

    @ArchTest
    static final ArchRule isImmutable = fields().should().beFinal();

    @ArchTest
    static void hasEveryPackageNullMarked(JavaClasses classes) {
        Set<JavaPackage> packages = classes.stream().map(JavaClass::getPackage).collect(Collectors.toSet());

        List<String> unmarked = packages.stream()
                .filter(found -> !found.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .toList();

        assertThat(packages).hasSizeGreaterThan(5);
        assertThat(unmarked).isEmpty();
    }

    private static DescribedPredicate<JavaAccess<?>> targetName(String wanted) {
        return name(wanted).onResultOf(JavaAccess::getTarget);
    }
}

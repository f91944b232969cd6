package io.relaunchguard.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the tests of a class, or one test, need of the machine. It is looked for before anything of the test is made: a test
 * without it is skipped, with a sentence that says how to get it. Where the environment has {@code CI=true} it fails instead (the
 * system property {@value NeedsCondition#CI} overrules the environment), unless the system property {@value NeedsCondition#HIDE}
 * has every need count as not met. A class has the needs of its superclasses too.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCondition.class)
public @interface Needs {

    /** All of them are needed. */
    Need[] value();

    /** Systems that have all of it of their own: nothing is looked for there. */
    OS[] exceptOn() default {};
}

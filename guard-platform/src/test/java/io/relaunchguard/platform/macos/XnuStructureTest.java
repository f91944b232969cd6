package io.relaunchguard.platform.macos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Native;
import com.sun.jna.Structure;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The structures as JNA lays them out here, against the table that was worked out from XNU's headers. */
@Tag("H25")
class XnuStructureTest {

    static List<Layouts.Row> rows() {
        return Layouts.ROWS;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isLaidOutAsTheHeaderSays(Layouts.Row row) throws ReflectiveOperationException {
        XnuStructure structure = structure(row.structure());

        if (row.field().isEmpty()) {
            assertThat(structure.size()).isEqualTo(row.size());
        } else {
            assertThat(offset(structure, row.field())).isEqualTo(row.offset());
            assertThat(size(structure, row.field())).isEqualTo(row.size());
        }
    }

    @Test
    void everyStructureIsInTheTable() {
        assertThat(Layouts.ROWS.stream()
                        .filter(row -> row.field().isEmpty())
                        .map(Layouts.Row::structure)
                        .collect(Collectors.toSet()))
                .isEqualTo(Arrays.stream(XnuStructure.class.getDeclaredClasses())
                        .map(Class::getSimpleName)
                        .collect(Collectors.toSet()));
    }

    @Tag("H12")
    @Test
    void believesNoAnswerThatIsTooShort() {
        byte[] cut = new byte[XnuStructure.ProcBsdInfo.SIZE - 1];

        assertThatThrownBy(() -> XnuStructure.of(new XnuStructure.ProcBsdInfo(), cut))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** JNA keeps it to itself. */
    private static int offset(XnuStructure structure, String field) throws ReflectiveOperationException {
        Method offset = Structure.class.getDeclaredMethod("fieldOffset", String.class);
        offset.setAccessible(true);
        return (int) offset.invoke(structure, field);
    }

    private static int size(XnuStructure structure, String name) throws ReflectiveOperationException {
        Field field = structure.getClass().getField(name);
        return Native.getNativeSize(field.getType(), field.get(structure));
    }

    private static XnuStructure structure(String name) throws ReflectiveOperationException {
        Constructor<?> constructor =
                Class.forName(XnuStructure.class.getName() + "$" + name).getDeclaredConstructor();
        return (XnuStructure) constructor.newInstance();
    }
}

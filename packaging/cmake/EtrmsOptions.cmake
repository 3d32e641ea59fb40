# Compiler and dependency settings shared by every room.
option(ETRMS_PCH "Precompiled headers where they pay" ON)
option(ETRMS_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(ETRMS_QT_FREE_ONLY "Build only the rooms without Qt" OFF)
set(ETRMS_SANITIZE "" CACHE STRING "Sanitizers, comma separated")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

find_program(ETRMS_CCACHE ccache)
if(ETRMS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${ETRMS_CCACHE}")
endif()
find_program(ETRMS_MOLD mold)
if(ETRMS_MOLD AND NOT ETRMS_FUZZ)
    add_link_options(-fuse-ld=mold)
endif()

find_package(tl-expected REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)
find_path(ETRMS_ZSTD_INCLUDE zstd.h REQUIRED)
find_library(ETRMS_ZSTD_LIBRARY zstd REQUIRED)
add_library(etrms_zstd INTERFACE)
target_include_directories(etrms_zstd SYSTEM INTERFACE "${ETRMS_ZSTD_INCLUDE}")
target_link_libraries(etrms_zstd INTERFACE "${ETRMS_ZSTD_LIBRARY}")
if(NOT ETRMS_QT_FREE_ONLY)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Network WebSockets Sql Gui Widgets PrintSupport Svg Test)
    find_package(spdlog REQUIRED)
    # moc 6.4 stumbles over <compare> and <concepts> unless libstdc++'s macros are known first.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        set(CMAKE_AUTOMOC_MOC_OPTIONS --include bits/c++config.h)
    endif()
endif()

add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(project_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
    -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(project_options INTERFACE -Wno-gnu-zero-variadic-macro-arguments)
endif()
target_compile_definitions(project_options INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_NO_NARROWING_CONVERSIONS_IN_CONNECT
    "$<$<CONFIG:Release>:QT_NO_DEBUG_OUTPUT>")
if(ETRMS_SANITIZE)
    target_compile_options(project_options INTERFACE -fsanitize=${ETRMS_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    target_link_options(project_options INTERFACE -fsanitize=${ETRMS_SANITIZE})
endif()
# Hardening that costs nothing measurable here; the sanitizers bring their own.
if(NOT ETRMS_SANITIZE AND NOT ETRMS_FUZZ)
    target_compile_options(project_options INTERFACE -fstack-protector-strong
        "$<$<CONFIG:Release>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
    target_link_options(project_options INTERFACE -Wl,-z,relro,-z,now)
endif()

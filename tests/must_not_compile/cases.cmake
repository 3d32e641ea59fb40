# The cases, and for each the words that g++ or clang must give as the reason (a regular expression).
set(must_not_compile_cases
    price_less_than_quantity
    price_plus_money
    double_to_price
    raw_integer_to_money
    approved_outside_the_gate
    submit_without_approval
    dropped_result)

set(must_not_compile_price_less_than_quantity "no match for .operator<|invalid operands to binary expression")
set(must_not_compile_price_plus_money "no matching function for call to .add")
set(must_not_compile_double_to_price "could not convert|cannot convert|conversion from .double. to|no viable conversion")
set(must_not_compile_raw_integer_to_money "could not convert|cannot convert|conversion from .* to|no viable conversion")
set(must_not_compile_approved_outside_the_gate "is private within this context|calling a private constructor")
set(must_not_compile_submit_without_approval
    "invalid initialization of reference|no matching constructor|could not convert|no viable conversion|cannot convert")
set(must_not_compile_dropped_result "nodiscard")

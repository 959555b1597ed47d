// A state vector in place: operations (CNOT if control >= 0, then RY) gate by gate, or many in a tile of shared memory.
// `gpu_parts/states.py` runs it by NVRTC; `--smoke` compiles it as C++ with one thread a block and checks it.
struct Op { int control, target; float c, s; };

__device__ inline unsigned long long spread(unsigned long long i, int bit) {
    unsigned long long low = i & ((1ull << bit) - 1);
    return ((i - low) << 1) | low;
}

// One gate over the whole state: a CNOT (rotate = 0) touches the half whose control is 1, an RY everything.
extern "C" __global__ void sweep(float2* state, int control, int target, float c, float s, int rotate,
                                 unsigned long long pairs) {
    unsigned long long i = blockIdx.x * (unsigned long long)blockDim.x + threadIdx.x;
    if (i >= pairs) return;
    unsigned long long zero = spread(i, target), one = zero | (1ull << target);
    if (control >= 0 && !((zero >> control) & 1)) return;
    float2 a = state[zero], b = state[one];
    if (rotate) {
        float2 x = {c * a.x - s * b.x, c * a.y - s * b.y}, y = {s * a.x + c * b.x, s * a.y + c * b.y};
        state[zero] = x;
        state[one] = y;
    } else {
        state[zero] = b;
        state[one] = a;
    }
}

// Operations on the M bits of a tile, which is read and written once; bits ascend and begin with 0 .. 3.
extern "C" __global__ void tile(float2* state, const int* bits, const Op* ops, int count) {
    extern __shared__ float2 shared[];
    __shared__ unsigned long long offset[1 << (M - 4)];
    unsigned long long base = blockIdx.x;
    for (int k = 0; k < M; k++) base = spread(base, bits[k]);
    for (int i = threadIdx.x; i < (1 << (M - 4)); i += blockDim.x) {
        unsigned long long at = 0;
        for (int k = 4; k < M; k++) at |= (unsigned long long)((i >> (k - 4)) & 1) << bits[k];
        offset[i] = base | at;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < (1 << M); i += blockDim.x) shared[i] = state[offset[i >> 4] | (i & 15)];
    __syncthreads();
    for (int k = 0; k < count; k++) {
        Op op = ops[k];
        for (int i = threadIdx.x; i < (1 << (M - 1)); i += blockDim.x) {
            int low = i & ((1 << op.target) - 1), zero = ((i - low) << 1) | low, one = zero | (1 << op.target);
            int swap = op.control >= 0 && ((zero >> op.control) & 1);
            float2 a = shared[swap ? one : zero], b = shared[swap ? zero : one];
            float2 x = {op.c * a.x - op.s * b.x, op.c * a.y - op.s * b.y};
            float2 y = {op.s * a.x + op.c * b.x, op.s * a.y + op.c * b.y};
            shared[zero] = x;
            shared[one] = y;
        }
        __syncthreads();
    }
    for (int i = threadIdx.x; i < (1 << M); i += blockDim.x) state[offset[i >> 4] | (i & 15)] = shared[i];
}
